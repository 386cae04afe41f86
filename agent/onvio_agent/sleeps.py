"""Hears from the login manager (logind) that the machine is about to sleep, and that it has woken. An adapter.

Speaks just enough D-Bus to be told that one signal, since a whole library would weigh more than the rest of
what watches. Where there is no bus, or none any more, a wake is noticed by the clocks alone, seconds later.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
import sys
from collections.abc import Callable, Mapping

SYSTEM_BUS = "unix:path=/run/dbus/system_bus_socket"
_BUS = "org.freedesktop.DBus"
_RULE = "type='signal',interface='org.freedesktop.login1.Manager',member='PrepareForSleep'"
_PATH, _INTERFACE, _MEMBER, _DESTINATION, _SIGNATURE = 1, 2, 3, 6, 8
_CALL, _SIGNAL = 1, 4
_HEADER_BYTES = 16
_MESSAGE_MAX = 1 << 20  # nothing that was asked for comes near; a stranger's stream is given up
_CONNECT_S = 1.0  # a socket of this machine: it is there or not

OnWake = Callable[[float], None]


class Logind:
    """Calls back at each wake with the seconds that the sleep took. Start it inside a running loop.

    `address`: of the system's bus, as D-Bus writes it; "" for none. `mono`: the clock that counts sleep.
    """

    def __init__(self, address: str, mono: Callable[[], float]) -> None:
        self._address = address
        self._mono = mono
        self._on_wake: OnWake = _nothing
        self._socket: socket.socket | None = None
        self._heard = b""
        self._slept_at: float | None = None

    def follow(self, on_wake: OnWake) -> None:
        """Begin to call `on_wake`, on the loop."""
        self._on_wake = on_wake
        self._socket = _connected(self._address)
        if self._socket is not None:
            asyncio.get_running_loop().add_reader(self._socket, self._read, self._socket)

    def close(self) -> None:
        """Call no more."""
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
            self._socket = None

    def _read(self, bus: socket.socket) -> None:
        try:
            data = bus.recv(65_536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self._heard += data
        if not data or not self._take():
            self.close()

    def _take(self) -> bool:
        """Take what is complete; False where this is no bus that we know."""
        if self._heard[:3] == b"OK ":
            _line, end, rest = self._heard.partition(b"\r\n")
            if not end:
                return len(self._heard) < _MESSAGE_MAX
            self._heard = rest
        while len(self._heard) >= _HEADER_BYTES:
            if self._heard[:1] not in (b"l", b"B"):
                return False
            order = "<" if self._heard[:1] == b"l" else ">"
            body, _serial, fields = struct.unpack_from(f"{order}III", self._heard, 4)
            begins = _HEADER_BYTES + fields + -fields % 8
            if begins + body > _MESSAGE_MAX:
                return False
            if len(self._heard) < begins + body:
                return True
            message, self._heard = self._heard[: begins + body], self._heard[begins + body :]
            if message[1] == _SIGNAL and b"PrepareForSleep\0" in message[:begins] and body == 4:
                self._told(bool(struct.unpack_from(f"{order}I", message, begins)[0]))
        return True

    def _told(self, will_sleep: bool) -> None:
        if will_sleep:
            self._slept_at = self._mono()
        elif self._slept_at is not None:
            slept_s, self._slept_at = self._mono() - self._slept_at, None
            self._on_wake(slept_s)


def logind_of(environ: Mapping[str, str], mono: Callable[[], float]) -> Logind:
    """The one of this system."""
    is_linux = sys.platform == "linux"
    return Logind(environ.get("DBUS_SYSTEM_BUS_ADDRESS", SYSTEM_BUS) if is_linux else "", mono)


def _connected(address: str) -> socket.socket | None:
    """A connection that has asked for the signal; None where there is no such bus."""
    if sys.platform == "win32":
        return None
    for each in address.split(";"):
        kind, _, rest = each.partition(":")
        pairs = dict(pair.partition("=")[::2] for pair in rest.split(","))
        if kind != "unix" or not ("path" in pairs or "abstract" in pairs):
            continue
        place = pairs["path"] if "path" in pairs else "\0" + pairs["abstract"]
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            made.settimeout(_CONNECT_S)
            made.connect(place)
            made.sendall(_greeting(os.getuid()))
            made.setblocking(False)
        except OSError:
            made.close()
        else:
            return made
    return None


def _greeting(uid: int) -> bytes:
    """Who we are, and what we want to hear; all at once, since a bus answers in order."""
    identity = str(uid).encode().hex().encode()
    calls = _call(1, "Hello") + _call(2, "AddMatch", _RULE)
    return b"\0AUTH EXTERNAL " + identity + b"\r\nBEGIN\r\n" + calls


def _call(serial: int, member: str, argument: str | None = None) -> bytes:
    """A call of the bus itself."""
    fields = [(_PATH, "o", "/org/freedesktop/DBus"), (_INTERFACE, "s", _BUS)]
    fields += [(_MEMBER, "s", member), (_DESTINATION, "s", _BUS)]
    fields += [(_SIGNATURE, "g", "s")] if argument is not None else []
    packed = b""
    for code, kind, text in fields:
        value = bytes([len(text)]) + text.encode() + b"\0" if kind == "g" else _text(text)
        packed += b"\0" * (-len(packed) % 8) + bytes([code, 1]) + kind.encode() + b"\0" + value
    body = _text(argument) if argument is not None else b""
    head = b"l" + bytes([_CALL, 0, 1]) + struct.pack("<III", len(body), serial, len(packed))
    return head + packed + b"\0" * (-len(packed) % 8) + body


def _text(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode() + b"\0"


def _nothing(_slept_s: float) -> None:
    """Nobody listens yet."""
