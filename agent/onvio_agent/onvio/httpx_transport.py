"""Sends requests for real, over HTTPS. It and `httpx_failures.py` alone know httpx.

One TLS context, one pool of kept connections for each server, at most eight requests in flight, one
total deadline around everything. It stands on httpx's transports and not on its client: no cookies,
no redirects, no log line with an address in it, and a third less CPU. Forms (they carry passwords
and single-use tokens) never travel on a kept connection, which may have died unnoticed: whether
they arrived would then be in doubt for nothing.
It must not retry what a server could notice, or judge a status. Errors are raised outside the
handlers, so that they keep no reference to a request (a traceback with locals would show its
secrets). Only `app.py` may import it, late: httpx costs 70 ms.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Protocol, cast
from urllib.parse import urlencode

import httpx

from onvio_agent import __version__
from onvio_agent.errors import Failed
from onvio_agent.onvio.errors import CloudError, Target, Uncertain
from onvio_agent.onvio.httpx_failures import FOREIGN, proxy_failure, too_late, translate
from onvio_agent.onvio.proxies import chosen_proxy, system_proxy
from onvio_agent.onvio.tls import Trust
from onvio_agent.onvio.transport import Request, Response
from onvio_config.model import Settings

IN_FLIGHT_MAX = 8
"""httpx's pool grows quadratically: 0.8 ms of CPU a check at 5 in flight, 5.9 ms at 50."""
BODY_MAX = 1 << 20
"""Bytes of one answer; ONVIO's largest documented one has a few thousand."""
KEEP_IDLE_S = 45.0
"""Longer than a probe's interval (30 s), shorter than what servers and proxies close at (60 s)."""
_KEPT_URLS = 64
_ANSWERED, _OFFERED = "http11.receive_response_headers.complete", b"proxy-authenticate"
_Pools = dict[Target, httpx.AsyncBaseTransport]


class HttpxTransport:
    """A `Transport` over httpx. `inner` replaces the network (an ASGI app in simulations).

    `ca_file`: path of PEM certificates that are trusted besides the system's. Raises `Failed` with
    `settings.invalid` where that file or a proxy's address cannot be used.
    """

    def __init__(
        self,
        *,
        api_url: str,
        auth_url: str,
        version: str,
        ca_file: str = "",
        proxy_for: Callable[[str], str | None] = system_proxy,
        inner: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._trust = Trust(ca_file)
        context = self._trust.context
        self._bases: dict[Target, str] = {
            "api": api_url.rstrip("/"),
            "auth": auth_url.rstrip("/"),
        }
        self._signed_in: dict[Target, bool | None] = {}  # at the proxy; None without one

        def build(target: Target, keep: int) -> httpx.AsyncBaseTransport:
            proxy = None if inner else proxy_for(self._bases[target])
            self._signed_in[target] = None if proxy is None else "@" in proxy
            return inner or _pool(context, proxy, keep=keep)

        self._build = build
        self._kept = self._pools(IN_FLIGHT_MAX)
        self._fresh = self._pools(0)
        self._retired: _Pools = {}
        self._urls: dict[tuple[str, str], httpx.URL] = {}
        self._headers = [
            (b"accept", b"application/json"),
            (b"accept-encoding", b"identity"),
            (b"user-agent", f"onvio-agent/{version}".encode()),
        ]
        self._slots = asyncio.Semaphore(IN_FLIGHT_MAX)

    async def send(self, request: Request, *, deadline_s: float) -> Response:
        """See `Transport.send`. A stale kept connection is replaced once, unnoticed by ONVIO."""
        signed_in = self._signed_in[request.target]
        attempt = _Attempt(request, proxied=signed_in is not None)
        failed: CloudError
        try:
            async with asyncio.timeout(deadline_s), self._slots:
                return await self._exchange(request, attempt)
        except TimeoutError:
            await attempt.drop()
            where = attempt.at_proxy, attempt.is_connected
            failed = too_late(deadline_s, where, sent=attempt.sent, target=request.target)
        except asyncio.CancelledError:
            await attempt.drop()
            raise
        except httpx.ProxyError:
            failed = proxy_failure(
                *attempt.refusal, signed_in=bool(signed_in), target=request.target
            )
        except FOREIGN as error:
            failed = translate(
                error, sent=attempt.sent, target=request.target, at_proxy=attempt.at_proxy
            )
        raise failed

    async def renew(self) -> None:
        """See `Network.renew`. What is in flight ends on its old connection, closed next time.

        Where the proxy cannot be told any more (its password's file is gone), the old way stays.
        """
        try:
            kept, fresh = self._pools(IN_FLIGHT_MAX), self._pools(0)
        except Failed:
            return
        outdated, self._retired = self._retired, self._kept
        self._kept, self._fresh = kept, fresh
        for pool in outdated.values():
            await pool.aclose()

    async def aclose(self) -> None:
        """Close every connection."""
        for pools in (self._kept, self._fresh, self._retired):
            for pool in pools.values():
                await pool.aclose()

    def _pools(self, keep: int) -> _Pools:
        return {target: self._build(target, keep) for target in self._bases}

    async def _exchange(self, request: Request, attempt: _Attempt) -> Response:
        try:
            return await self._once(request, attempt)
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
            if not attempt.may_repeat():
                raise
        attempt.begin()
        return await self._once(request, attempt)

    async def _once(self, request: Request, attempt: _Attempt) -> Response:
        self._trust.refresh()
        url = self._url(request)
        pools = self._kept if request.form is None else self._fresh
        answer = await pools[request.target].handle_async_request(
            httpx.Request(
                request.method,
                url,
                headers=self._request_headers(request, attempt, url),
                stream=attempt,
                extensions={"trace": attempt.trace},
            )
        )
        attempt.answered = True
        body = await _read(cast("httpx.AsyncByteStream", answer.stream))
        if body is None:
            raise Uncertain(
                "onvio.unexpected_answer",
                detail=f"more than {BODY_MAX} bytes",
                target=request.target,
            )
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in answer.headers.raw
        }
        return Response(answer.status_code, headers, body)

    def _url(self, request: Request) -> httpx.URL:
        path = f"{request.path}?{urlencode(request.query)}" if request.query else request.path
        key = (request.target, path)
        url = self._urls.get(key)
        if url is None:
            if len(self._urls) >= _KEPT_URLS:
                self._urls.clear()
            url = self._urls[key] = httpx.URL(self._bases[request.target] + path)
        return url

    def _request_headers(
        self, request: Request, attempt: _Attempt, url: httpx.URL
    ) -> list[tuple[bytes, bytes]]:
        headers = [(b"host", url.netloc), *self._headers]
        if request.content_type is not None:
            headers.append((b"content-type", request.content_type.encode("ascii")))
        if request.method != "GET":
            headers.append((b"content-length", b"%d" % len(attempt.body)))
        headers += [(name.encode("ascii"), text.encode("ascii")) for name, text in request.headers]
        return headers


class _Stream(Protocol):
    """What is used of httpcore's network stream."""

    async def aclose(self) -> None:
        """Close it; again is harmless."""


class _Attempt(httpx.AsyncByteStream):
    """One attempt's body, and what became of it.

    httpcore takes the body only after it has written the headers, and never for the request that a
    proxy's CONNECT is: so `sent` is the point from which ONVIO may act.
    `at_proxy`: a new connection has not been let through by its proxy yet, whose answer, with the
    sign-ins that it offers, is `refusal`.
    """

    def __init__(self, request: Request, *, proxied: bool) -> None:
        self.body = request.body
        self._proxied = proxied
        self._safe = request.method == "GET"
        self.begin()

    def begin(self) -> None:
        """Start (again)."""
        self.sent = self.answered = self.at_proxy = False
        self.refusal = (0, "")
        self._stream: _Stream | None = None
        self._fresh = False

    @property
    def is_connected(self) -> bool:
        """Whether a connection was made for it."""
        return self._stream is not None

    async def drop(self) -> None:
        """Close a connection that was made for this attempt: httpcore forgets it in a handshake."""
        if self._stream is not None:
            await self._stream.aclose()

    def may_repeat(self) -> bool:
        """Only on a kept connection that was gone, and only what ONVIO cannot have acted upon."""
        return not self._fresh and not self.answered and (self._safe or not self.sent)

    async def trace(self, name: str, info: Mapping[str, Any]) -> None:
        """httpcore's hook; a connection that is made now is not a stale one."""
        if name == "connection.connect_tcp.started":
            self._fresh, self.at_proxy = True, self._proxied
        elif name == "connection.connect_tcp.complete":
            self._stream = info["return_value"]
        elif name == "proxy.start_tls.started":
            self.at_proxy = False
        elif name == _ANSWERED and self.at_proxy:
            _version, status, _phrase, headers = info["return_value"]
            offered = [value for header, value in headers if header.lower() == _OFFERED]
            self.refusal = status, b", ".join(offered).decode("latin-1")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self.sent = True
        if self.body:
            yield self.body


def _pool(context: ssl.SSLContext, proxy: str | None, *, keep: int) -> httpx.AsyncHTTPTransport:
    limits = httpx.Limits(
        max_connections=IN_FLIGHT_MAX,
        max_keepalive_connections=keep,
        keepalive_expiry=KEEP_IDLE_S,
    )
    try:
        return httpx.AsyncHTTPTransport(verify=context, limits=limits, proxy=proxy)
    except (ValueError, ImportError, httpx.InvalidURL):  # ImportError: SOCKS needs a package
        pass
    raise Failed("settings.invalid", detail="the proxy's address is not http:// or https://")


async def _read(stream: httpx.AsyncByteStream) -> bytes | None:
    """The whole body, or None (connection closed) where it is larger than BODY_MAX."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in stream:
        chunks.append(chunk)
        size += len(chunk)
        if size > BODY_MAX:
            await stream.aclose()
            return None
    await stream.aclose()
    return b"".join(chunks)


def transport_of(settings: Settings) -> HttpxTransport:
    """The one that the settings describe, through the proxy that they or the system name."""
    return _transport(settings, settings.onvio.api_url, settings.onvio.auth_url)


def updates_of(settings: Settings) -> HttpxTransport:
    """One that reaches nothing but the address of `update.url`."""
    return _transport(settings, settings.update.url, settings.update.url)


def _transport(settings: Settings, api_url: str, auth_url: str) -> HttpxTransport:
    return HttpxTransport(
        api_url=api_url,
        auth_url=auth_url,
        ca_file=settings.tls.ca_file,
        version=__version__,
        proxy_for=lambda url: chosen_proxy(url, settings.proxy),
    )
