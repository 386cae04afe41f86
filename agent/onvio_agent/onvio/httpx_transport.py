"""Sends requests for real, over HTTPS. The only module that knows httpx; loaded by `app.py` alone.

One client, one TLS context, at most eight requests in flight, one total deadline around everything.
It translates httpx's errors and nothing else: it must not retry what a server could notice, follow
redirects, keep cookies or judge statuses. Errors are raised outside the handlers, so that they keep
no reference to a request (a traceback with locals would show its secrets).
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import httpx
import truststore

from onvio_agent.errors import Failed
from onvio_agent.onvio.causes import connect_reason
from onvio_agent.onvio.errors import CloudError, NotSent, Uncertain
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
"""How h11's and httpcore's messages begin where the peer only went away."""


class HttpxTransport:
    """A `Transport` over httpx. `inner` replaces the network (an ASGI app in simulations).

    `ca_file`: path of PEM certificates that are trusted besides the system's; `Failed` with
    `settings.invalid` where it cannot be read.
    """

    def __init__(
        self,
        *,
        api_url: str,
        auth_url: str,
        version: str,
        ca_file: str = "",
        inner: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._bases = {"api": api_url.rstrip("/"), "auth": auth_url.rstrip("/")}
        self._urls: dict[tuple[str, str], httpx.URL] = {}
        self._headers = [
            (b"accept", b"application/json"),
            (b"accept-encoding", b"identity"),
            (b"user-agent", f"onvio-agent/{version}".encode()),
        ]
        self._slots = asyncio.Semaphore(IN_FLIGHT_MAX)
        self._client = httpx.AsyncClient(
            transport=inner,
            verify=tls_context(ca_file),
            trust_env=True,
            follow_redirects=False,
            timeout=None,  # noqa: S113 - the deadline is around the whole, not per phase
            limits=httpx.Limits(
                max_connections=IN_FLIGHT_MAX,
                max_keepalive_connections=IN_FLIGHT_MAX,
                keepalive_expiry=KEEP_IDLE_S,
            ),
        )

    async def send(self, request: Request, *, deadline_s: float) -> Response:
        """See `Transport.send`. A stale kept connection is replaced once, unnoticed by ONVIO."""
        attempt = _Attempt(request)
        failed: CloudError
        try:
            async with asyncio.timeout(deadline_s), self._slots:
                return await self._exchange(request, attempt)
        except TimeoutError:
            kind = Uncertain if attempt.sent else NotSent
            failed = kind(
                "network.timeout",
                detail=f"no answer within {deadline_s:g} s",
                target=request.target,
            )
        except _FOREIGN as error:
            failed = _translate(error, attempt, request)
        raise failed

    async def aclose(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def _exchange(self, request: Request, attempt: _Attempt) -> Response:
        try:
            return await self._once(request, attempt)
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
            if not attempt.may_repeat():
                raise
        attempt.begin()
        return await self._once(request, attempt)

    async def _once(self, request: Request, attempt: _Attempt) -> Response:
        sent = httpx.Request(
            request.method,
            self._url(request),
            headers=self._request_headers(request, attempt),
            stream=attempt,
            extensions={"trace": attempt.trace},
        )
        answer = await self._client.send(sent, stream=True)
        attempt.answered = True
        if answer.status_code == 407:  # only a proxy asks for this
            await answer.aclose()
            raise NotSent("network.proxy_auth", detail="HTTP 407", target=request.target)
        chunks: list[bytes] = []
        size = 0
        async for chunk in answer.aiter_raw():
            chunks.append(chunk)
            size += len(chunk)
            if size > BODY_MAX:
                await answer.aclose()
                raise Uncertain(
                    "onvio.unexpected_answer",
                    detail=f"more than {BODY_MAX} bytes",
                    target=request.target,
                )
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in answer.headers.raw
        }
        return Response(answer.status_code, headers, b"".join(chunks))

    def _url(self, request: Request) -> httpx.URL:
        path = request.path + (f"?{urlencode(request.query)}" if request.query else "")
        key = (request.target, path)
        url = self._urls.get(key)
        if url is None:
            if len(self._urls) >= _KEPT_URLS:
                self._urls.clear()
            url = self._urls[key] = httpx.URL(self._bases[request.target] + path)
        return url

    def _request_headers(self, request: Request, attempt: _Attempt) -> list[tuple[bytes, bytes]]:
        headers = [(b"host", self._url(request).netloc), *self._headers]
        if attempt.body is not None:
            headers += [_URL_ENCODED, (b"content-length", b"%d" % len(attempt.body))]
        headers += [(name.encode("ascii"), text.encode("ascii")) for name, text in request.headers]
        return headers


class _Attempt(httpx.AsyncByteStream):
    """One attempt's body, and what became of it.

    httpcore takes the body after it has written the headers, and starts no attempt on the request
    that a proxy's CONNECT is: so `sent` is the point from which ONVIO may act.
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


def tls_context(ca_file: str = "") -> ssl.SSLContext:
    """Trusts what the operating system trusts, and the certificates in `ca_file`."""
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # Python 3.13 turns strict X.509 on, which refuses the CAs of many companies' proxies (no key
    # identifier, no critical basic constraints) that the operating system itself accepts.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if ca_file:
        trouble = ""
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            trouble = getattr(error, "reason", None) or getattr(error, "strerror", None) or "?"
        if trouble:
            raise Failed("settings.invalid", detail=f"tls.ca_file {ca_file}: {trouble}")
    return context


_FOREIGN = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, UnicodeError)


def _translate(error: Exception, attempt: _Attempt, request: Request) -> CloudError:
    target = request.target
    if isinstance(error, httpx.ProxyError):
        return _proxy_failure(str(error), request)
    if isinstance(error, httpx.LocalProtocolError) or (
        isinstance(error, UnicodeError) and not attempt.sent
    ):  # its text may quote a header's value: never pass it on
        return NotSent(
            "onvio.unexpected_answer", detail="a value cannot be sent in a header", target=target
        )
    if not attempt.sent:
        reason, detail = connect_reason(error)
        return NotSent(reason, detail=detail, target=target)
    if isinstance(error, httpx.RemoteProtocolError) and not str(error).startswith(_CUT):
        return Uncertain("onvio.unexpected_answer", detail="the answer is not HTTP", target=target)
    return Uncertain(
        "network.interrupted", detail=f"{type(error).__name__} after sending", target=target
    )


def _proxy_failure(status: str, request: Request) -> NotSent:
    """`status`: "407 Proxy Authentication Required" and its like; all that httpx tells."""
    if status.startswith("407"):
        reason = "network.proxy_auth"
    elif status.startswith("504"):
        reason = "network.timeout"
    elif status.startswith("5"):  # the proxy works and could not reach ONVIO
        reason = "network.refused"
    else:
        reason = "network.proxy_denied"
    return NotSent(reason, detail=f"proxy: {status}", target=request.target)
