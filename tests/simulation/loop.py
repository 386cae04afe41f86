"""An event loop on virtual time, run one handle at a time, that can be killed between any two.

Why: a year passes in minutes, and a killed process's coroutines never run again, not even their
`finally`. It knows no threads, no sockets and no real clock: using one raises.
"""

from __future__ import annotations

import asyncio
import heapq
from asyncio import events
from collections.abc import Callable
from typing import Any


class VirtualLoop(asyncio.BaseEventLoop):
    """`clock()` gives the loop's time in seconds; the driver moves it."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._virtual_clock = clock
        self.complaints: list[dict[str, Any]] = []  # unhandled errors of handles
        super().__init__()
        self.handles = 0

    def time(self) -> float:
        """Virtual seconds."""
        return self._virtual_clock()

    def next_at(self) -> float | None:
        """When something can run: now, later, or never (None)."""
        if self._ready:  # type: ignore[attr-defined]
            return self.time()
        scheduled = self._scheduled  # type: ignore[attr-defined]
        while scheduled and scheduled[0]._cancelled:
            handle = heapq.heappop(scheduled)
            handle._scheduled = False
        return scheduled[0]._when if scheduled else None

    def step(self) -> bool:
        """Run one handle that is due; False when there is none."""
        ready = self._ready  # type: ignore[attr-defined]
        scheduled = self._scheduled  # type: ignore[attr-defined]
        now = self.time()
        while scheduled and scheduled[0]._when <= now:
            handle = heapq.heappop(scheduled)
            handle._scheduled = False
            ready.append(handle)
        while ready:
            handle = ready.popleft()
            if not handle._cancelled:
                self.handles += 1
                events._set_running_loop(self)
                try:
                    handle._run()
                finally:
                    events._set_running_loop(None)
                return True
        return False

    def start_task(self, work: Any, name: str) -> asyncio.Task[Any]:
        """A task, from outside the loop."""
        events._set_running_loop(self)
        try:
            return self.create_task(work, name=name)
        finally:
            events._set_running_loop(None)

    def run_in_executor(self, *_args: Any, **_keys: Any) -> Any:
        """Threads do not exist here."""
        raise AssertionError("a thread was asked for in virtual time")

    def call_soon_threadsafe(self, *_args: Any, **_keys: Any) -> Any:
        """Nor other threads."""
        raise AssertionError("another thread spoke in virtual time")

    async def getaddrinfo(self, *_args: Any, **_keys: Any) -> Any:
        """Nor the network."""
        raise AssertionError("a name was looked up in virtual time")

    def _make_socket_transport(self, *_args: Any, **_keys: Any) -> Any:
        raise AssertionError("a socket was opened in virtual time")

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """What asyncio would print; the driver looks at it."""
        self.complaints.append(context)

    def _timer_handle_cancelled(self, handle: Any) -> None:
        """The heap drops cancelled timers when they come up."""

    def __del__(self, _warn: Any = None) -> None:
        """A killed loop is dropped as it is."""
