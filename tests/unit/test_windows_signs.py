"""What is made of Windows' calls: the libraries are objects of the test, threads and C callbacks are real."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from typing import Any

from onvio_agent.routes import RouteSigns
from onvio_agent.windows_signs import (
    AddressChanges,
    PowerNotices,
    address_changes,
    power_notices,
    register_of,
    wait_of,
)
from support.aio import on_loop

SUSPEND, RESUMED_BY_A_PERSON, RESUMED = 4, 7, 0x12
REFUSED = 50  # ERROR_NOT_SUPPORTED


class Call:
    """A function of a library: takes types, and answers by `body`."""

    argtypes: tuple[object, ...] = ()
    restype: object = None

    def __init__(self, body: Callable[..., int]) -> None:
        self._body = body

    def __call__(self, *arguments: Any) -> int:
        return self._body(*arguments)


class Iphlpapi:
    """`changes`: one item for each change; the last call is refused."""

    def __init__(self) -> None:
        self.changes: queue.SimpleQueue[int] = queue.SimpleQueue()
        self.NotifyAddrChange = Call(lambda _handle, _overlapped: self.changes.get())


class Powrprof:
    """Keeps the callback and calls it as the system does, on another thread."""

    def __init__(self, answer: int = 0) -> None:
        self._answer = answer
        self._callback: Any = None
        self.ended: list[int] = []
        self.PowerRegisterSuspendResumeNotification = Call(self._register)
        self.PowerUnregisterSuspendResumeNotification = Call(self._unregister)

    def _register(self, flags: int, subscription: Any, handle: Any) -> int:
        assert flags == 2
        self._callback = subscription._obj.callback
        handle._obj.value = 4711
        return self._answer

    def _unregister(self, handle: Any) -> int:
        self.ended.append(handle.value)
        return 0

    def broadcast(self, kind: int) -> None:
        answers: list[int] = []
        thread = threading.Thread(target=lambda: answers.append(self._callback(None, kind, None)))
        thread.start()
        thread.join()
        assert answers == [0]


@on_loop
async def test_each_change_of_an_address_is_a_sign_until_it_is_closed() -> None:
    library, heard = Iphlpapi(), asyncio.Queue[None]()
    signs = RouteSigns(AddressChanges(wait_of(library)))
    signs.follow(lambda: heard.put_nowait(None))
    for _ in range(2):
        library.changes.put(0)
        await asyncio.wait_for(heard.get(), 60)
    signs.close()
    library.changes.put(0)
    await asyncio.sleep(0.1)
    assert heard.empty()


@on_loop
async def test_a_refused_wait_is_not_repeated() -> None:
    calls = threading.Semaphore(0)

    def wait() -> int:
        calls.release()
        return REFUSED

    changes = AddressChanges(wait)
    changes.follow(lambda: None)
    assert await asyncio.to_thread(calls.acquire, timeout=60)
    assert not await asyncio.to_thread(calls.acquire, timeout=0.2)


@on_loop
async def test_a_wake_is_told_once_with_the_seconds_slept() -> None:
    library, now = Powrprof(), 100.0
    slept: asyncio.Queue[float] = asyncio.Queue()
    notices = PowerNotices(register_of(library), lambda: now)
    notices.follow(slept.put_nowait)
    library.broadcast(SUSPEND)
    now = 160.0
    library.broadcast(RESUMED)
    library.broadcast(RESUMED_BY_A_PERSON)
    library.broadcast(RESUMED)
    assert await asyncio.wait_for(slept.get(), 60) == 60.0
    await asyncio.sleep(0)
    assert slept.empty()
    notices.close()
    notices.close()
    assert library.ended == [4711]


@on_loop
async def test_where_nobody_registers_nothing_is_ended() -> None:
    library = Powrprof(REFUSED)
    notices = PowerNotices(register_of(library), lambda: 0.0)
    notices.follow(lambda _slept_s: None)
    notices.close()
    assert library.ended == []


def test_a_loop_that_has_ended_is_told_nothing() -> None:
    library = Powrprof()

    async def follow() -> None:
        PowerNotices(register_of(library), lambda: 0.0).follow(lambda _slept_s: None)

    asyncio.run(follow())
    library.broadcast(RESUMED)


def test_elsewhere_there_are_none() -> None:
    assert (address_changes(), power_notices(lambda: 0.0)) == (None, None)
