"""Background work with a name, kept and ended in one place.

Tasks are made here and nowhere else: each is named, held until it ends, and a crash is logged once.
Nothing is started again here: whoever wants to go on plans that (`watch/again.py`).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any, TypeVar

from onvio_agent.log import Log

T = TypeVar("T")


class Tasks:
    """The agent's background work."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._running: dict[asyncio.Task[Any], str] = {}  # in the order of their beginning
        self._count = 0

    def spawn(self, name: str, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Start `work`; whoever waits for the task gets its exception, the log gets it anyway."""
        self._count += 1
        task = asyncio.get_running_loop().create_task(work, name=f"{name}-{self._count}")
        self._running[task] = name
        task.add_done_callback(self._ended)
        return task

    async def close(self, grace_s: float = 0.0) -> None:
        """Let what still runs end within `grace_s` seconds, cancel the rest, wait for its end."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace_s):
                while self._running:
                    await asyncio.shield(self._ended_together())
        while self._running:  # what is cancelled may begin something yet
            for task in list(self._running):
                task.cancel()
            await self._ended_together()

    async def _ended_together(self) -> None:
        await asyncio.gather(*self._running, return_exceptions=True)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        name = self._running.pop(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None and not getattr(error, "is_expected", False):
            self._log.error("task.crashed", task=name, error=repr(error), failures=1)
