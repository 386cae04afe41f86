"""What the checks ask of the network, as a thing that is passed in, and the way that they look at.

`sockets.py` is the real one; a simulation has its own. Errors are the system's: `OSError` with its
kinds (no route, refused, name not found, certificate not accepted). Whoever calls sets the deadline.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import unquote, urlsplit

import msgspec

_PORTS = {"http": 80, "https": 443}


class Answer(msgspec.Struct, frozen=True):
    """The head of an HTTP answer; header names are lower-case, what comes twice is joined by a comma."""

    status: int
    headers: Mapping[str, str]


class Stream(Protocol):
    """One connection."""

    async def ask(self, head: str) -> Answer:
        """Send these lines of a request without a body; the head of the answer."""

    async def secure(self, name: str, *, verified: bool) -> str:
        """Begin TLS with the server called `name`; what was agreed on, for people."""

    def close(self) -> None:
        """Let go at once."""


class Net(Protocol):
    """The network as this machine has it."""

    def source(self, address: str) -> str:
        """Our own address on the way to `address`; sends nothing. OSError where there is no way."""

    async def resolve(self, host: str) -> Sequence[str]:
        """The addresses of `host`, one at least."""

    async def connect(self, addresses: Sequence[str], port: int) -> Stream:
        """A connection to the first of these that takes it."""


class ProxyPlace(msgspec.Struct, frozen=True):
    """A proxy. `authorization` is secret; `named_by`: the setting that names it, for people."""

    scheme: str
    host: str
    port: int
    authorization: str = ""
    named_by: str = ""

    @property
    def place(self) -> str:
        """Name and port, and who names them."""
        return f"{self.host}:{self.port}" + (f" ({self.named_by})" if self.named_by else "")

    def __repr__(self) -> str:
        return f"<ProxyPlace {self.host}:{self.port}>"


class Way(msgspec.Struct, frozen=True):
    """From here to one of ONVIO's servers."""

    scheme: str
    host: str
    port: int
    proxy: ProxyPlace | None = None

    @property
    def first_host(self) -> str:
        """Whom this machine itself has to find: the proxy, or the server."""
        return self.proxy.host if self.proxy is not None else self.host

    @property
    def is_local(self) -> bool:
        """Whether it ends on this very machine."""
        return is_this_machine(self.host)


def way_to(url: str, proxy: str | None, named_by: str = "") -> Way:
    """The way to `url` through the proxy of that address, which may hold user and password."""
    parts = urlsplit(url)
    port = parts.port or _PORTS.get(parts.scheme, 443)
    place = _proxy_place(proxy, named_by) if proxy else None
    return Way(parts.scheme, parts.hostname or "", port, place)


def is_this_machine(host: str) -> bool:
    """Whether `host`, a name or an address, can only mean this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _proxy_place(url: str, named_by: str) -> ProxyPlace:
    parts = urlsplit(url)
    authorization = ""
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        authorization = base64.b64encode(pair.encode()).decode()
    port = parts.port or _PORTS.get(parts.scheme, 80)
    return ProxyPlace(parts.scheme, parts.hostname or "", port, authorization, named_by)
