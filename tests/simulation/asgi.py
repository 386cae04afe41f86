"""The second door: production's HTTP client onto the cloud's model behind ASGI.

The client is `HttpxTransport` with all it does (its own deadline, its repeat on a stale connection);
below it, in place of sockets, lies a cable that delays and cuts. The server answers in tasks of its
own: a request that has left arrives, whether or not anybody still waits for its answer.
"""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any, cast

import httpx

from onvio_agent.onvio.httpx_transport import HttpxTransport
from onvio_agent.onvio.transport import Request, Response
from onvio_agent.simulator.wire import CloudRequest, CloudResponse, Target
from simulation.network import LATENCY_S, PLANTED, forever

if TYPE_CHECKING:
    from simulation.life import Life

Message = MutableMapping[str, Any]
STALE = 0.01
"""How often a kept connection turns out to be gone."""
_REFUSALS: dict[str, Callable[[], OSError]] = {
    "refuse": lambda: ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"),
    "none": lambda: OSError(errno.ENETUNREACH, "Network is unreachable"),
    "dns": lambda: socket.gaierror(socket.EAI_NONAME, "Name or service not known"),
}


class HttpNetwork:
    """A `Network`: the production transport, and the ledger that is told what passes."""

    def __init__(self, life: Life, *, api_url: str, auth_url: str) -> None:
        self._life = life
        self._transport = HttpxTransport(
            api_url=api_url,
            auth_url=auth_url,
            version="sim",
            proxy_for=lambda _url: None,
            inner=Cable(life, {httpx.URL(api_url).host: "api", httpx.URL(auth_url).host: "auth"}),
        )

    async def renew(self) -> None:
        """There are no connections that a change could leave dead."""

    async def aclose(self) -> None:
        """As in production."""
        await self._transport.aclose()

    async def send(self, request: Request, *, deadline_s: float) -> Response:
        ledger, sent_at = self._life.ledger, self._life.universe.true
        ledger.sent(request)
        try:
            answer = await self._transport.send(request, deadline_s=deadline_s)
            told = CloudResponse(answer.status, dict(answer.headers), answer.body)
            ledger.delivered(request, told, sent_at)
            return answer
        finally:
            ledger.over(request)


class Cable(httpx.AsyncBaseTransport):
    """Carries requests to the server and answers back, as `life.wire` says."""

    def __init__(self, life: Life, targets: dict[str, Target]) -> None:
        self._life = life
        self._rng = life.universe.named("latency")
        self._targets = targets
        self._kept: dict[Target, bool] = {}
        self._server = httpx.ASGITransport(app=self._serve)
        self._serving: dict[asyncio.Task[httpx.Response], None] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        wire, target = self._life.wire, self._targets[request.url.host]
        mode, leg_s = wire.modes[target], self._leg_s()
        await self._connect(request, target, mode, leg_s)
        body = b"".join([part async for part in cast("httpx.AsyncByteStream", request.stream)])
        await asyncio.sleep(leg_s)  # on its way: who leaves now does not know whether it arrives
        if mode == "blackhole":
            await forever()
        if mode == "before":
            raise httpx.ReadError("cut")
        arrived = httpx.Request(
            request.method, request.url, headers=request.headers.raw, content=body
        )
        answer = await asyncio.shield(self._begin(arrived))
        await asyncio.sleep(leg_s)
        if mode == "after":
            raise httpx.ReadError("cut")
        self._kept[target] = request.method == "GET"
        return answer

    def _leg_s(self) -> float:
        """A third of the round trip."""
        wire, (low, high) = self._life.wire, LATENCY_S
        straggle_s, wire.straggle_s = wire.straggle_s, 0.0
        slow_s = self._rng.random() * wire.slow_s if wire.slow_s else 0.0
        return (low + (high - low) * self._rng.random() + straggle_s + slow_s) / 3.0

    async def _connect(
        self, request: httpx.Request, target: Target, mode: str, leg_s: float
    ) -> None:
        """Forms take a connection of their own; a kept one may have died unnoticed."""
        if mode == "bug":
            raise RuntimeError(PLANTED)
        if request.method == "GET" and self._kept.pop(target, False):
            if mode in _REFUSALS or self._rng.random() < STALE:
                raise httpx.ReadError("stale")
            return
        await request.extensions["trace"]("connection.connect_tcp.started", {})
        if mode in _REFUSALS:
            await asyncio.sleep(0.001)
            raise httpx.ConnectError("refused") from _REFUSALS[mode]()
        if mode == "blackhole":
            await forever()
        await asyncio.sleep(leg_s)

    def _begin(self, request: httpx.Request) -> asyncio.Task[httpx.Response]:
        work = self._server.handle_async_request(request)
        task = asyncio.get_running_loop().create_task(work, name="server")
        self._serving[task] = None
        task.add_done_callback(self._serving.pop)
        return task

    async def _serve(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        """The ASGI application: the cloud's model, and a moment before and after in which to kill."""
        life = self._life
        asked = CloudRequest(
            self._targets[scope["server"][0]],
            scope["method"],
            scope["path"],
            scope["query_string"].decode("latin-1"),
            {name.decode("latin-1"): text.decode("latin-1") for name, text in scope["headers"]},
            (await receive())["body"],
        )
        if life.kill_point("answer.before", asked):
            await forever()
        answer = life.cloud.handle(asked)
        life.ledger.answered(asked, answer)
        if life.kill_point("answer.after", asked):
            await forever()
        headers = [
            (name.encode("latin-1"), text.encode("latin-1"))
            for name, text in answer.headers.items()
        ]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})
