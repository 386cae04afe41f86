"""Sends requests for real, over HTTPS. The only module that knows httpx; loaded by `app.py` alone.

One TLS context, one pool of kept connections for each server, at most eight requests in flight, one
total deadline around everything. It stands on httpx's transports and not on its client: no cookies,
no redirects, no log line with an address in it, and a third less CPU.
It translates httpx's errors and nothing else: it must not retry what a server could notice or judge
a status. Errors are raised outside the handlers, so that they keep no reference to a request (a
traceback with locals would show its secrets).
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from typing import cast
from urllib.parse import urlencode

import httpx

from onvio_agent.errors import Failed
from onvio_agent.onvio.causes import connect_reason
from onvio_agent.onvio.errors import CloudError, NotSent, Target, Uncertain
from onvio_agent.onvio.proxies import system_proxy
from onvio_agent.onvio.tls import tls_context
from onvio_agent.onvio.transport import Request, Response

IN_FLIGHT_MAX = 8
"""httpx's pool grows quadratically: 0.8 ms of CPU a check at 5 in flight, 5.9 ms at 50."""
BODY_MAX = 1 << 20
"""Bytes of one answer; ONVIO's largest documented one has a few thousand."""
KEEP_IDLE_S = 45.0
"""Longer than a probe's interval (30 s), shorter than what servers and proxies close at (60 s)."""
_KEPT_URLS = 64

_URL_ENCODED = (b"content-type", b"application/x-www-form-urlencoded")
_CUT = ("Server disconnected", "peer closed connection")
"""How httpcore's and h11's messages begin where the peer only went away."""
_FOREIGN = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, UnicodeError)
"""What may come out of httpx: raw socket and TLS errors do, in the middle of an answer."""


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
        context = tls_context(ca_file)
        self._bases: dict[Target, str] = {
            "api": api_url.rstrip("/"),
            "auth": auth_url.rstrip("/"),
        }
        self._pools: dict[Target, httpx.AsyncBaseTransport] = {
            target: inner or _pool(context, proxy_for(base)) for target, base in self._bases.items()
        }
        self._urls: dict[tuple[str, str], httpx.URL] = {}
        self._headers = [
            (b"accept", b"application/json"),
            (b"accept-encoding", b"identity"),
            (b"user-agent", f"onvio-agent/{version}".encode()),
        ]
        self._slots = asyncio.Semaphore(IN_FLIGHT_MAX)

    async def send(self, request: Request, *, deadline_s: float) -> Response:
        """See `Transport.send`. A stale kept connection is replaced once, unnoticed by ONVIO."""
        attempt = _Attempt(request)
        failed: CloudError
        try:
            async with asyncio.timeout(deadline_s), self._slots:
                return await self._exchange(request, attempt)
        except TimeoutError:
            failed = _too_late(attempt, request, deadline_s)
        except _FOREIGN as error:
            failed = _translate(error, attempt, request)
        raise failed

    async def aclose(self) -> None:
        """Close every connection."""
        for pool in self._pools.values():
            await pool.aclose()

    async def _exchange(self, request: Request, attempt: _Attempt) -> Response:
        try:
            return await self._once(request, attempt)
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
            if not attempt.may_repeat():
                raise
        attempt.begin()
        return await self._once(request, attempt)

    async def _once(self, request: Request, attempt: _Attempt) -> Response:
        url = self._url(request)
        answer = await self._pools[request.target].handle_async_request(
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
        if attempt.body is not None:
            headers += [_URL_ENCODED, (b"content-length", b"%d" % len(attempt.body))]
        headers += [(name.encode("ascii"), text.encode("ascii")) for name, text in request.headers]
        return headers


class _Attempt(httpx.AsyncByteStream):
    """One attempt's body, and what became of it.

    httpcore takes the body only after it has written the headers, and never for the request that a
    proxy's CONNECT is: so `sent` is the point from which ONVIO may act.
    """

    def __init__(self, request: Request) -> None:
        self.body = urlencode(request.form).encode("ascii") if request.form is not None else None
        self._safe = request.method == "GET"
        self.begin()

    def begin(self) -> None:
        """Start (again)."""
        self.sent = self.fresh = self.answered = False

    def may_repeat(self) -> bool:
        """Only on a kept connection that was gone, and only what ONVIO cannot have acted upon."""
        return not self.fresh and not self.answered and (self._safe or not self.sent)

    async def trace(self, name: str, _info: object) -> None:
        """httpcore's hook; a connection that is made now is not a stale one."""
        if name == "connection.connect_tcp.started":
            self.fresh = True

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self.sent = True
        if self.body:
            yield self.body


def _pool(context: ssl.SSLContext, proxy: str | None) -> httpx.AsyncHTTPTransport:
    limits = httpx.Limits(
        max_connections=IN_FLIGHT_MAX,
        max_keepalive_connections=IN_FLIGHT_MAX,
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


def _too_late(attempt: _Attempt, request: Request, deadline_s: float) -> CloudError:
    kind = Uncertain if attempt.sent else NotSent
    detail = f"no answer within {deadline_s:g} s"
    return kind("network.timeout", detail=detail, target=request.target)


def _translate(error: Exception, attempt: _Attempt, request: Request) -> CloudError:
    target = request.target
    if isinstance(error, httpx.ProxyError):
        return _proxy_failure(str(error), target)
    if isinstance(error, httpx.LocalProtocolError | UnicodeEncodeError) and not attempt.sent:
        # the error's own text quotes the header's value: never pass it on
        detail = "a value cannot be sent in a header"
        return NotSent("onvio.unexpected_answer", detail=detail, target=target)
    if isinstance(error, httpx.InvalidURL):
        return NotSent("network.dns", detail="the address is not valid", target=target)
    if not attempt.sent:
        reason, detail = connect_reason(error)
        return NotSent(reason, detail=detail, target=target)
    if isinstance(error, httpx.RemoteProtocolError) and not str(error).startswith(_CUT):
        return Uncertain("onvio.unexpected_answer", detail="not HTTP", target=target)
    detail = f"{type(error).__name__} after sending"
    return Uncertain("network.interrupted", detail=detail, target=target)


def _proxy_failure(status: str, target: Target) -> NotSent:
    """`status`: "407 Proxy Authentication Required" and its like; all that httpx tells."""
    if status.startswith("407"):
        reason = "network.proxy_auth"
    elif status.startswith("504"):
        reason = "network.timeout"
    elif status.startswith("5"):  # the proxy works and could not reach ONVIO
        reason = "network.refused"
    else:
        reason = "network.proxy_denied"
    return NotSent(reason, detail=f"proxy: {status}", target=target)
