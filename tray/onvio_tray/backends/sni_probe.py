"""One question to the session bus: does somebody show StatusNotifierItems?

Asked before anything is chosen, so by hand and without a library: dbus-fast and asyncio are five
megabytes that a plain X11 desktop would keep for nothing.
"""

from __future__ import annotations

import os
import socket
import struct
import sys
from collections.abc import Callable

from onvio_tray.backends.session_bus import socket_of

ANSWER_S = 2.0
"""Seconds to wait for the bus. 2: it answers within milliseconds, or hangs; we look again anyway."""

_WATCHER = "org.kde.StatusNotifierWatcher"
_PATH, _DESTINATION, _INTERFACE, _MEMBER, _REPLY_SERIAL, _SIGNATURE = 1, 6, 2, 3, 5, 8
_CALL, _RETURN, _NO_AUTOSTART = 1, 2, 2
_FIXED = 16  # bytes of a message before its header fields
_OUR_SERIAL = 2


def has_host() -> bool:
    """Whether a watcher is there and knows of a host; False as well where there is no bus."""
    path = socket_of()
    if sys.platform == "win32" or not path:
        return False
    try:
        with socket.socket(socket.AF_UNIX) as bus:
            bus.settimeout(ANSWER_S)
            bus.connect(path)
            return _asked(bus, str(os.getuid()))
    except (OSError, struct.error, IndexError):  # no bus, a silent one, or one of another kind
        return False


def _asked(bus: socket.socket, user: str) -> bool:
    bus.sendall(f"\0AUTH EXTERNAL {user.encode().hex()}\r\n".encode())
    if not bus.recv(1024).startswith(b"OK"):
        return False
    hello = ("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "Hello")
    question = (_WATCHER, "/StatusNotifierWatcher", "org.freedesktop.DBus.Properties", "Get")
    body = _string(_WATCHER)
    body += b"\0" * (-len(body) % 4) + _string("IsStatusNotifierHostRegistered")
    bus.sendall(b"BEGIN\r\n" + _call(1, hello) + _call(_OUR_SERIAL, question, "ss", body))
    with bus.makefile("rb") as answers:
        while True:
            kind, replies_to, content = _message(answers.read)
            if replies_to == _OUR_SERIAL:  # a variant of a boolean: its signature, then 0 or 1
                return kind == _RETURN and content[-4:] == b"\1\0\0\0"


def _string(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<I", len(data)) + data + b"\0"


def _call(
    serial: int, to: tuple[str, str, str, str], signature: str = "", body: bytes = b""
) -> bytes:
    """A method call: to (bus name, path, interface, method)."""
    fields = b""
    kinds = ((_DESTINATION, "s"), (_PATH, "o"), (_INTERFACE, "s"), (_MEMBER, "s"))
    for (code, kind), value in zip(kinds, to, strict=True):
        fields += b"\0" * (-len(fields) % 8)
        fields += bytes((code, 1)) + kind.encode() + b"\0" + _string(value)
    if signature:
        fields += b"\0" * (-len(fields) % 8)
        text = signature.encode()
        fields += bytes((_SIGNATURE, 1)) + b"g\0" + bytes((len(text),)) + text + b"\0"
    head = struct.pack("<cBBBIII", b"l", _CALL, _NO_AUTOSTART, 1, len(body), serial, len(fields))
    return head + fields + b"\0" * (-len(fields) % 8) + body


def _message(read: Callable[[int], bytes]) -> tuple[int, int, bytes]:
    """The next message: its kind, the serial that it replies to (0: none), its body."""
    head = read(_FIXED)
    order = "<" if head[:1] == b"l" else ">"
    size, _serial, length = struct.unpack_from(f"{order}III", head, 4)
    fields = read(length + -length % 8)
    mark = bytes((_REPLY_SERIAL, 1)) + b"u\0"
    at = fields.find(mark)
    while at > 0 and at % 8:
        at = fields.find(mark, at + 1)
    replies_to = struct.unpack_from(f"{order}I", fields, at + 4)[0] if at >= 0 else 0
    return head[1], replies_to, read(size)
