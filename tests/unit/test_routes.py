"""Which of the kernel's messages are signs, and what our own addresses are."""

from __future__ import annotations

import struct

import pytest

from onvio_agent.routes import RouteSigns, source, sources

UP, RUNNING, PROMISCUOUS = 0x1, 0x40, 0x100
NEWLINK, DELLINK, NEWADDR, NEWROUTE, NEWNEIGH = 16, 17, 20, 24, 28


def link(kind: int, index: int, flags: int) -> bytes:
    """A message about a link, with an attribute that nobody reads."""
    body = struct.pack("=BxHiII", 0, 1, index, flags, 0) + b"\x05\0\x03\0x\0\0\0"
    return struct.pack("=IHHII", 16 + len(body), kind, 0, 0, 0) + body


def other(kind: int) -> bytes:
    """A message of another kind, not a multiple of four bytes long."""
    return struct.pack("=IHHII", 21, kind, 0, 0, 0) + b"12345" + b"\0\0\0"


def test_addresses_and_routes_are_signs_and_neighbours_are_not() -> None:
    signs = RouteSigns()
    assert signs._matters(other(NEWADDR))
    assert signs._matters(other(NEWNEIGH) + other(NEWROUTE))
    assert not signs._matters(other(NEWNEIGH))


def test_a_link_is_a_sign_when_its_use_changes() -> None:
    signs = RouteSigns()
    assert signs._matters(link(NEWLINK, 2, UP | RUNNING))
    assert not signs._matters(link(NEWLINK, 2, UP | RUNNING | PROMISCUOUS))
    assert signs._matters(link(NEWLINK, 2, UP))
    assert signs._matters(link(NEWLINK, 2, UP | RUNNING))
    assert signs._matters(link(DELLINK, 2, UP | RUNNING))


@pytest.mark.parametrize("data", [b"", b"\0" * 16, b"\x01\0\0\0" * 8, other(NEWADDR)[:10]])
def test_what_is_no_message_is_no_sign(data: bytes) -> None:
    assert not RouteSigns()._matters(data)


def test_this_machine_is_always_reached() -> None:
    assert source("127.0.0.1") == "127.0.0.1"
    assert sources(("127.0.0.1",)) == ("127.0.0.1",)
