"""The seam between what the agent says to ONVIO and how it travels.

Everything above knows only these shapes; `httpx_transport.py` sends them for real, and a simulation
answers them from a model. Nothing here may know httpx. `repr` never shows a header or form value:
they hold tokens and passwords.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol
from urllib.parse import urlencode

import msgspec

from onvio_agent.onvio.errors import Target

TOKEN_MAX = 16_384
"""Characters; real tokens have some 100 (opaque) to 4,000 (JWT)."""

Pairs = tuple[tuple[str, str], ...]


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One request. `path` begins with `/` and has no query.

    `form` is sent URL-encoded, or as an object where `as_json`; `raw` as it is, of type `raw_type`.
    """

    target: Target
    method: str
    path: str
    headers: Pairs = ()
    query: Pairs = ()
    form: Pairs | None = None
    as_json: bool = False
    raw: bytes = b""
    raw_type: str = ""

    @property
    def content_type(self) -> str | None:
        """What its body is; None where it has none."""
        if self.raw_type:
            return self.raw_type
        if self.form is None:
            return None
        return "application/json" if self.as_json else "application/x-www-form-urlencoded"

    @property
    def body(self) -> bytes:
        """`raw`, or `form` as it travels; empty where there is neither."""
        if self.raw_type:
            return self.raw
        if self.form is None:
            return b""
        if self.as_json:
            return msgspec.json.encode(dict(self.form))
        return urlencode(self.form).encode("ascii")

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.target}:{self.path}>"


class Response(msgspec.Struct, frozen=True):
    """One whole answer. Header names are lower-case; a repeated header keeps its last value."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        return f"<Response {self.status}, {len(self.body)} bytes>"


class Transport(Protocol):
    """Sends one request and returns its answer, whatever the status."""

    async def send(self, request: Request, *, deadline_s: float) -> Response:
        """The whole answer within `deadline_s` seconds.

        Raises `NotSent` or `Uncertain`; `Busy` too where a gate stands in front. No retries that
        the server could notice, no redirects.
        """


class Network(Transport, Protocol):
    """A transport that holds connections, and that somebody must close."""

    async def renew(self) -> None:
        """The network has changed: what is sent from now on makes new connections."""

    async def aclose(self) -> None:
        """Close every connection."""


def can_travel(token: str) -> bool:
    """Whether `token` may be put into a header: visible ASCII, bounded."""
    return 0 < len(token) <= TOKEN_MAX and all("!" <= char <= "~" for char in token)


def bearer(access_token: str) -> Pairs:
    """The headers that present `access_token`."""
    return (("authorization", f"Bearer {access_token}"),)
