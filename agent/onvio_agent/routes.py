"""This machine's way out, as the kernel knows it, and the signs that it has changed. An adapter.

Linux tells each change by netlink, so that waiting costs nothing; elsewhere the way out is looked at
every few seconds, and at once where the system tells of a change all the same. Nothing is ever sent. A sign says only "look again", never what is true.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import sys
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from typing import Protocol

ANYWHERE = ("192.0.2.1", "2001:db8::1")
"""Addresses that belong to nobody (RFC 5737, RFC 3849): whoever has a default route reaches both."""
LOOK_EVERY_S = 5.0
"""Where nothing tells of changes: soon enough for a person who waits, 30 µs of CPU a time."""

_DISCARD = 9  # a port for the kernel to look a route up with
_GROUPS = 0x1 | 0x10 | 0x40 | 0x100 | 0x400  # links, IPv4 addresses and routes, IPv6 ones
_HEADER = struct.Struct("=IHHII")  # nlmsghdr: length, type, flags, sequence, port
_LINK = struct.Struct("=BxHiII")  # ifinfomsg: family, type, index, flags, change
_NEWLINK, _DELLINK = 16, 17
_ADDRESSES_AND_ROUTES = (20, 21, 24, 25)
_USABLE = 0x1 | 0x40  # IFF_UP, IFF_RUNNING: switched on, and with a carrier
_READ_BYTES = 65_536


def source(address: str) -> str:
    """Our own address on the way to `address`. OSError where there is no way."""
    family = socket.AF_INET6 if ip_address(address).version == 6 else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect((address, _DISCARD))
        return str(probe.getsockname()[0])


def sources(addresses: Sequence[str] = ANYWHERE) -> tuple[str, ...]:
    """Our own addresses towards those of these that can be reached; empty without a network."""
    found = []
    for address in addresses:
        with contextlib.suppress(OSError):
            found.append(source(address))
    return tuple(found)


class Changes(Protocol):
    """What tells of changes where it is not netlink; see `windows_signs.py`."""

    def follow(self, on_sign: Callable[[], None]) -> None:
        """Begin to call `on_sign`, on the loop."""

    def close(self) -> None:
        """Call no more."""


class RouteSigns:
    """Calls back when links, addresses or routes have changed. Start it inside a running loop.

    `changes`: what tells of them besides the looks, where it is not netlink.
    """

    def __init__(self, changes: Changes | None = None) -> None:
        self._changes = changes
        self._on_sign: Callable[[], None] = lambda: None
        self._socket: socket.socket | None = None
        self._look: asyncio.TimerHandle | None = None
        self._links: dict[int, int] = {}
        self._seen: tuple[str, ...] = ()

    def sources(self) -> tuple[str, ...]:
        """Our own addresses on the way out, at this instant."""
        return sources()

    def follow(self, on_sign: Callable[[], None]) -> None:
        """Begin; `on_sign` is called on the loop, often several times for one change."""
        self._on_sign = on_sign
        self._socket = _netlink() if self._changes is None else None
        loop = asyncio.get_running_loop()
        if self._socket is not None:
            loop.add_reader(self._socket, self._read, self._socket)
            return
        self._seen = sources()
        self._look = loop.call_later(LOOK_EVERY_S, self._look_again)
        if self._changes is not None:
            self._changes.follow(self._told)

    def close(self) -> None:
        """Call back no more."""
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
            self._socket = None
        if self._look is not None:
            self._look.cancel()
        if self._changes is not None:
            self._changes.close()

    def _told(self) -> None:
        self._seen = sources()
        self._on_sign()

    def _look_again(self) -> None:
        self._look = asyncio.get_running_loop().call_later(LOOK_EVERY_S, self._look_again)
        now = sources()
        if now != self._seen:
            self._seen = now
            self._on_sign()

    def _read(self, netlink: socket.socket) -> None:
        matters = False
        try:
            while True:
                matters |= self._matters(netlink.recv(_READ_BYTES))
        except BlockingIOError:
            pass
        except OSError:  # ENOBUFS: more than the kernel would keep for us; some of it mattered
            matters = True
        if matters:
            self._on_sign()

    def _matters(self, data: bytes) -> bool:
        """Whether these messages tell of more than statistics and neighbours."""
        found, at = False, 0
        while at + _HEADER.size <= len(data):
            length, kind, *_rest = _HEADER.unpack_from(data, at)
            if length < _HEADER.size:
                break
            if kind in (_NEWLINK, _DELLINK) and length >= _HEADER.size + _LINK.size:
                found |= self._is_news(kind, *_LINK.unpack_from(data, at + _HEADER.size)[2:4])
            elif kind in _ADDRESSES_AND_ROUTES:
                found = True
            at += (length + 3) & ~3
        return found

    def _is_news(self, kind: int, index: int, flags: int) -> bool:
        usable = 0 if kind == _DELLINK else flags & _USABLE
        before = self._links.get(index)
        self._links[index] = usable
        return usable != before


def _netlink() -> socket.socket | None:
    """A socket that hears the kernel's news of the network; None where there is no such thing."""
    if sys.platform != "linux":
        return None
    try:
        made = socket.socket(
            socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.NETLINK_ROUTE
        )
    except OSError:  # some sandboxes have none
        return None
    try:
        made.bind((0, _GROUPS))
    except OSError:
        made.close()
        return None
    return made
