"""An event loop on virtual time that can be killed between any two of its handles.

Why: a year passes in minutes, and a killed process's coroutines never run again, not even their
`finally`. It is asyncio's own loop with a leaner inside. It knows no threads, no sockets and no real
clock: using one raises.
"""

from __future__ import annotations

import asyncio
import math
from asyncio import events
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context, copy_context
from heapq import heappop, heappush
from typing import Any

from simulation.universe import Universe

SPIN_MAX, SPIN_S = 50_000, 1.0
"""So many handles in so little time are a busy loop."""


class Handle(list[Any]):
    """A call to be made: [when, number, call, args, context]. A list, so that heaps compare it in C."""

    __slots__ = ()

    def cancel(self) -> None:
        """Do not call."""
        self[2] = self[3] = None

    def cancelled(self) -> bool:
        """Whether it will not be called."""
        return self[2] is None

    def when(self) -> float:
        """On the loop's clock."""
        return float(self[0])


class VirtualLoop(asyncio.BaseEventLoop):
    """`run` lets the universe's time pass as far as the loop has something to do.

    `halt`: set from inside to have nothing more run. `complaints`: errors that nobody handled.
    """

    def __init__(self, universe: Universe) -> None:
        super().__init__()
        self._universe = universe
        self._soon: deque[Handle] = deque()
        self._later: list[Handle] = []
        self._count = 0
        self.halt = self.spins = False
        self.handles = self._counted = 0
        self._counted_at = self.time()
        self.complaints: list[dict[str, Any]] = []

    def time(self) -> float:
        """Virtual seconds, which stand still in sleep."""
        return self._universe.true - self._universe.suspended

    def run(self, end_s: float) -> None:
        """Until something outside is due, true second `end_s`, or `halt`."""
        events._set_running_loop(self)
        try:
            while not self.halt:
                self._run_due()
                if self.halt or not self._pass_time(end_s):
                    return
        finally:
            events._set_running_loop(None)

    def _run_due(self) -> None:
        """What is due now, and what follows from it at once."""
        soon, later, now = self._soon, self._later, self.time()
        while not self.halt:
            while later and later[0][0] <= now:
                soon.append(heappop(later))
            count = len(soon)
            if not count:
                return
            self.handles += count
            if self.handles - self._counted > SPIN_MAX:
                if now < self._counted_at + SPIN_S:
                    self.halt = self.spins = True
                    return
                self._counted, self._counted_at = self.handles, now
            for _ in range(count):
                _when, _number, call, args, context = soon.popleft()
                if call is None:
                    continue
                try:
                    context.run(call, *args)
                except Exception as error:
                    self.call_exception_handler({"exception": error})
                if self.halt:
                    return

    def _pass_time(self, end_s: float) -> bool:
        """Go on to the next timer, unless something outside, or the end, comes before it."""
        later, universe = self._later, self._universe
        while later and later[0][2] is None:
            heappop(later)
        if not later:
            return False
        when = later[0][0]
        true_when = when + universe.suspended
        if true_when >= universe.next_at() or true_when > end_s:
            return False
        universe.true = max(universe.true, true_when)
        while universe.true - universe.suspended < when:  # rounding
            universe.true = math.nextafter(universe.true, math.inf)
        return True

    def start_task(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        """A task, from outside the loop."""
        return asyncio.Task(work, loop=self, name=name)

    # -- what asyncio asks of a loop

    def call_soon(  # type: ignore[override]
        self, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> Handle:
        handle = Handle((0.0, 0, callback, args, copy_context() if context is None else context))
        self._soon.append(handle)
        return handle

    def call_later(  # type: ignore[override]
        self, delay: float, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> Handle:
        universe = self._universe  # `call_at` in place: done for each latency
        self._count += 1
        around = copy_context() if context is None else context
        when = universe.true - universe.suspended + delay
        handle = Handle((when, self._count, callback, args, around))
        heappush(self._later, handle)
        return handle

    def passing(self, seconds: float) -> asyncio.Future[None]:
        """`asyncio.sleep` with less ado, for what is done most."""
        future: asyncio.Future[None] = asyncio.Future(loop=self)
        self.call_later(seconds, _over, future)
        return future

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> Handle:
        self._count += 1
        around = copy_context() if context is None else context
        handle = Handle((when, self._count, callback, args, around))
        heappush(self._later, handle)
        return handle

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    get_debug = (0).__bool__  # asked for each task and future: False without a call of Python's

    def create_task(self, coro: Any, *, name: str | None = None, **keys: Any) -> asyncio.Task[Any]:
        return asyncio.Task(coro, loop=self, name=name, **keys)

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """What asyncio would print; the driver looks at it."""
        self.complaints.append(context)
        self.halt = True

    # -- what does not exist here

    def run_in_executor(self, *_args: Any, **_keys: Any) -> Any:
        """Threads."""
        raise AssertionError("a thread was asked for in virtual time")

    def call_soon_threadsafe(self, *_args: Any, **_keys: Any) -> Any:
        """Other threads."""
        raise AssertionError("another thread spoke in virtual time")

    async def getaddrinfo(self, *_args: Any, **_keys: Any) -> Any:
        """The network."""
        raise AssertionError("a name was looked up in virtual time")

    def _make_socket_transport(self, *_args: Any, **_keys: Any) -> Any:
        raise AssertionError("a socket was opened in virtual time")

    def __del__(self, _warn: Any = None) -> None:
        """A killed loop is dropped as it is."""


def _over(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
