"""Background work with a name, kept and ended in one place.

Tasks are made here and nowhere else: each is named, held until it ends, and a crash is logged once.
A service that crashes is started again, later each time; the count of failures decays.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from onvio_agent.clock import Clock
from onvio_agent.log import Log

T = TypeVar("T")

_RESTART_FIRST_S = 1.0
_RESTART_MAX_S = 60.0
_DECAY_S = 300.0  # a service that ran this long starts again with a clean count


class Tasks:
    """The agent's background work."""

    def __init__(self, log: Log, clock: Clock) -> None:
        self._log = log
        self._clock = clock
        self._running: dict[int, asyncio.Task[Any]] = {}
        self._count = 0

    def spawn(self, name: str, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Start `work`; whoever waits for the task gets its exception, the log gets it anyway."""
        self._count += 1
        number = self._count
        task = asyncio.get_running_loop().create_task(work, name=f"{name}-{number}")
        self._running[number] = task
        task.add_done_callback(lambda done: self._ended(number, name, done))
        return task

    def serve(self, name: str, service: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        """Keep `service` running until `close`: it is started again when it crashes."""
        return self.spawn(name, self._serve(name, service))

    async def close(self, grace_s: float = 0.0) -> None:
        """Let what still runs end within `grace_s` seconds, cancel the rest, wait for its end."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace_s):
                while self._running:
                    await asyncio.shield(self._ended_together())
        for task in self._in_order():
            task.cancel()
        await self._ended_together()

    async def _ended_together(self) -> None:
        await asyncio.gather(*self._in_order(), return_exceptions=True)

    def _in_order(self) -> list[asyncio.Task[Any]]:
        return [self._running[number] for number in sorted(self._running)]

    async def _serve(self, name: str, service: Callable[[], Awaitable[None]]) -> None:
        failures = 0
        while True:
            started = self._clock.mono()
            try:
                return await service()
            except Exception as error:
                failures = 0 if self._clock.mono() - started > _DECAY_S else failures
                failures += 1
                self._log.error("task.crashed", task=name, error=repr(error), failures=failures)
            await asyncio.sleep(min(_RESTART_MAX_S, _RESTART_FIRST_S * 2.0 ** min(failures, 10)))

    def _ended(self, number: int, name: str, task: asyncio.Task[Any]) -> None:
        del self._running[number]
        if task.cancelled():
            return
        error = task.exception()
        if error is not None and not getattr(error, "is_expected", False):
            self._log.error("task.crashed", task=name, error=repr(error), failures=1)
