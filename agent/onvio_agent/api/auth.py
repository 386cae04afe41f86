"""The gate before every endpoint: right name, right origin, right token, sane body.

A page in a browser on this machine can send requests to any port: what a browser says of itself
(Host, Origin, Sec-Fetch-Site) is checked on every request, and without the token nothing is answered
but `hello`, which reveals nothing. The panel has a gate of its own for its own path.
"""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from onvio_agent.api.answers import Unwelcome, denied, invalid, turn_away
from onvio_agent.api.bodies import body_max_bytes
from onvio_agent.api.parts import Parts

HELLO_PATH = "/v1/hello"
METRICS_PATH = "/metrics"
METHODS = ("GET", "POST", "PUT", "DELETE")

_OWN_SITES = ("same-origin", "none")


class Gate:
    """ASGI middleware; see the module docstring."""

    def __init__(self, app: ASGIApp, parts: Parts) -> None:
        self._app = app
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        # Routes see the path as it was sent: a login with an encoded slash stays one segment.
        scope["path"] = scope["raw_path"].decode("latin-1")
        try:
            self._check(scope)
        except Unwelcome as no:
            response = turn_away(self._parts, no, (scope["method"], scope["path"]))
            await response(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        check_host(headers, scope["server"][1])
        if scope["method"] not in METHODS:
            raise invalid("method", 405)
        check_origin(headers)
        if (scope["method"], scope["path"]) != ("GET", HELLO_PATH):
            self._check_token(headers, scope)
        _check_body(headers, body_max_bytes(scope["path"]))

    def _check_token(self, headers: Headers, scope: Scope) -> None:
        given = headers.getlist("authorization")
        asks_metrics = (scope["method"], scope["path"]) == ("GET", METRICS_PATH)
        if asks_metrics and self._parts.scrapers.admits(given):
            return
        if len(given) != 1 or not self._parts.access.admits(given[0]):
            raise denied("token")


def check_host(headers: Headers, port: int) -> None:
    """A name that was made to point here (DNS rebinding) is not one of ours."""
    hosts = headers.getlist("host")
    allowed = [f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")]
    if len(hosts) != 1 or hosts[0] not in allowed:
        raise denied("host")


def check_origin(headers: Headers) -> None:
    """No page but our own; commands send neither header."""
    own = "http://" + headers["host"]
    if any(origin != own for origin in headers.getlist("origin")):
        raise denied("origin")
    if any(site not in _OWN_SITES for site in headers.getlist("sec-fetch-site")):
        raise denied("site")


def _check_body(headers: Headers, most: int) -> None:
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > most:
        raise invalid("size", 413)
    if length == "0" and "transfer-encoding" not in headers:
        return
    kind, _, parameters = headers.get("content-type", "").partition(";")
    utf8 = parameters.strip().lower() in ("", "charset=utf-8")
    if kind.strip().lower() != "application/json" or not utf8:
        raise invalid("content-type", 415)
