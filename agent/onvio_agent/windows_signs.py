"""What Windows tells of the network and of the machine's sleeps. An adapter, not tried on a real Windows.

It is heard on threads that are not ours: nothing is done there but to wake the loop. Where a call fails there
is what works everywhere: a look at the way out every few seconds, and the clocks.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable
from typing import Any

_REST_S = 0.05  # a network that never rests must not keep a thread busy
_CALLBACK = 2  # DEVICE_NOTIFY_CALLBACK
_SUSPEND, _RESUMED = 0x4, 0x12  # PBT_APMSUSPEND, PBT_APMRESUMEAUTOMATIC

Notice = Callable[[int], None]


class AddressChanges:
    """Calls back after each change of this machine's addresses. Start it inside a running loop.

    `wait` returns after the next change: 0, or why it cannot be waited for.
    """

    def __init__(self, wait: Callable[[], int]) -> None:
        self._wait = wait
        self._closed = threading.Event()

    def follow(self, on_sign: Callable[[], None]) -> None:
        """Begin to call `on_sign`, on the loop."""
        loop = asyncio.get_running_loop()
        # It cannot be woken, so the process does not wait for it at its end.
        threading.Thread(target=self._run, args=(loop, on_sign), daemon=True).start()

    def close(self) -> None:
        """Call no more."""
        self._closed.set()

    def _run(self, loop: asyncio.AbstractEventLoop, on_sign: Callable[[], None]) -> None:
        while self._wait() == 0 and not self._closed.is_set():
            _tell(loop, self._sign, on_sign)
            self._closed.wait(_REST_S)

    def _sign(self, on_sign: Callable[[], None]) -> None:
        if not self._closed.is_set():
            on_sign()


class PowerNotices:
    """Calls back at each wake with the seconds that the sleep took. Start it inside a running loop.

    `register` takes what is to hear of each change of the power's state, on a thread of the system's, and
    returns what ends that; None where nobody will be told. `mono`: the clock that counts sleep.
    """

    def __init__(
        self,
        register: Callable[[Notice], Callable[[], None] | None],
        mono: Callable[[], float],
    ) -> None:
        self._register = register
        self._mono = mono
        self._end: Callable[[], None] | None = None
        self._slept_at: float | None = None

    def follow(self, on_wake: Callable[[float], None]) -> None:
        """Begin to call `on_wake`, on the loop."""
        loop = asyncio.get_running_loop()
        self._end = self._register(
            lambda kind: _tell(loop, self._told, kind, self._mono(), on_wake)
        )

    def close(self) -> None:
        """Call no more."""
        if self._end is not None:
            self._end()
            self._end = None

    def _told(self, kind: int, at: float, on_wake: Callable[[float], None]) -> None:
        if kind == _SUSPEND:
            self._slept_at = at
        elif kind == _RESUMED and self._slept_at is not None:
            slept_s, self._slept_at = at - self._slept_at, None
            on_wake(slept_s)


def address_changes() -> AddressChanges | None:
    """Those of this machine; None where there is no Windows."""
    library = _library("iphlpapi")
    return None if library is None else AddressChanges(wait_of(library))


def power_notices(mono: Callable[[], float]) -> PowerNotices | None:
    """Those of this machine; None where there is no Windows."""
    library = _library("powrprof")
    return None if library is None else PowerNotices(register_of(library), mono)


def wait_of(iphlpapi: Any) -> Callable[[], int]:
    """NotifyAddrChange of that library, as it blocks."""
    from ctypes import c_ulong, c_void_p

    notify = iphlpapi.NotifyAddrChange
    notify.argtypes, notify.restype = (c_void_p, c_void_p), c_ulong
    return lambda: int(notify(None, None))


def register_of(powrprof: Any) -> Callable[[Notice], Callable[[], None] | None]:
    """PowerRegisterSuspendResumeNotification of that library, with a callback."""
    import ctypes

    pointer, number = ctypes.c_void_p, ctypes.c_ulong
    routine_type = getattr(ctypes, "WINFUNCTYPE", ctypes.CFUNCTYPE)(
        number, pointer, number, pointer
    )

    class Subscription(ctypes.Structure):
        """DEVICE_NOTIFY_SUBSCRIBE_PARAMETERS."""

        _fields_ = (("callback", routine_type), ("context", pointer))

    begin = powrprof.PowerRegisterSuspendResumeNotification
    begin.argtypes = (number, ctypes.POINTER(Subscription), ctypes.POINTER(pointer))
    end = powrprof.PowerUnregisterSuspendResumeNotification
    end.argtypes, begin.restype, end.restype = (pointer,), number, number

    def register(notice: Notice) -> Callable[[], None] | None:
        def heard(_context: object, kind: int, _setting: object) -> int:
            notice(kind)
            return 0

        subscription, handle = Subscription(routine_type(heard), None), pointer()
        if begin(_CALLBACK, ctypes.byref(subscription), ctypes.byref(handle)) != 0:
            return None

        def cease(_called_until_now: ctypes.Structure = subscription) -> None:
            end(handle)

        return cease

    return register


def _library(name: str) -> Any:
    """A library of the system; None where there is none of that name."""
    if sys.platform == "win32":
        import ctypes

        try:
            return ctypes.WinDLL(name)
        except OSError:
            return None
    return None


def _tell(loop: asyncio.AbstractEventLoop, what: Callable[..., None], *arguments: object) -> None:
    try:
        loop.call_soon_threadsafe(what, *arguments)
    except RuntimeError:  # the loop has ended
        return
