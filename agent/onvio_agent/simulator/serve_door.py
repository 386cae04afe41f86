"""One door of the simulated ONVIO: an HTTPS listener that shows the model and does its wire faults.

Why: latency, refusals, resets, cut answers and bad certificates must be real for a real client.
It must not decide anything: which fault strikes is the model's word.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable, MutableMapping
from email.utils import formatdate
from typing import Any

from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from onvio_agent.simulator.faults import CERT_KINDS, CONNECT_KINDS, Fault, Kind
from onvio_agent.simulator.model import Cloud
from onvio_agent.simulator.wire import CloudRequest, CloudResponse, Target

MAX_BODY_BYTES = 1_000_000
_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]


class Door:
    """The listener of one target. `save` is called after each request, before its answer."""

    def __init__(
        self,
        cloud: Cloud,
        target: Target,
        listener: socket.socket,
        contexts: tuple[ssl.SSLContext, dict[Kind, ssl.SSLContext]] | None,
        save: Callable[[], None],
    ) -> None:
        self._cloud = cloud
        self._target: Target = target
        self._socket = listener
        self._address = listener.getsockname()
        self._save = save
        self._server: asyncio.Server | None = None
        self._bad_contexts = contexts[1] if contexts else {}
        self._context = contexts[0] if contexts else None
        if self._context is not None:
            self._context.sni_callback = self._choose_certificate
        self._config = plain_config(self._answer)
        self._state = ServerState()
        self._live: dict[int, _DoorProtocol] = {}
        self._born = 0

    async def apply_faults(self) -> None:
        """Bring the listener in line with the faults that are set; call it after each change."""
        refuse = self._cloud.faults.peek(("refuse",), self._target)
        closed = refuse is not None and refuse.times is None
        if closed and self._server is not None:
            self.close()
            # Bound but not listening: clients are refused, and nobody else can take the port.
            self._socket = bind(self._address)
        elif not closed and self._server is None:
            loop = asyncio.get_running_loop()
            self._server = await loop.create_server(
                self._make_protocol, sock=self._socket, ssl=self._context
            )
        if self._cloud.faults.peek(CONNECT_KINDS, self._target) is not None:
            self.drop_connections()

    def drop_connections(self) -> None:
        """Abort all live connections."""
        for protocol in list(self._live.values()):
            protocol.abort()

    def close(self) -> None:
        """Stop listening and abort all live connections."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self._socket.close()
        self.drop_connections()

    def keep(self, protocol: _DoorProtocol) -> int:
        """Remember a live connection. Returns its number."""
        self._born += 1
        self._live[self._born] = protocol
        return self._born

    def forget(self, number: int) -> None:
        """A connection has ended."""
        self._live.pop(number, None)

    def refuses_connection(self) -> bool:
        """Whether this new connection falls to a counted `refuse`."""
        return self._cloud.faults.take(("refuse",), self._target) is not None

    def _make_protocol(self) -> asyncio.Protocol:
        return _DoorProtocol(self, self._config, self._state)

    def _choose_certificate(
        self, connection: ssl.SSLObject | ssl.SSLSocket, _name: str | None, _context: ssl.SSLContext
    ) -> None:
        fault = self._cloud.faults.take(CERT_KINDS, self._target)
        if fault is not None:
            connection.context = self._bad_contexts[fault.kind]

    async def _answer(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        protocol: _DoorProtocol = scope["state"]["protocol"]
        body = await read_body(receive, MAX_BODY_BYTES)
        if body is None:
            await send_response(send, CloudResponse(413, {"connection": "close"}, b""))
            return
        request = self._request(scope, body)
        await asyncio.sleep(self._cloud.latency_s(self._target, request.path))
        fault = self._cloud.wire_fault(self._target, request.path)
        if fault is not None and fault.kind == "reset" and fault.value != "after":
            self._cloud.lose(request, fault)
            await protocol.reset(receive)
            return
        response = self._cloud.handle(request, wire=fault)
        self._save()
        if fault is None:
            await send_response(send, response)
        else:
            await _spoil(fault, protocol, response, receive)

    def _request(self, scope: _Message, body: bytes) -> CloudRequest:
        return CloudRequest(
            self._target,
            scope["method"],
            scope["path"],
            scope["query_string"].decode("latin-1"),
            {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
            body,
        )


class _DoorProtocol(H11Protocol):
    """uvicorn's HTTP/1.1, with a hand on the connection."""

    def __init__(self, door: Door, config: Config, state: ServerState) -> None:
        super().__init__(config, state, {"protocol": self})
        self._door = door
        self._number = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn narrows it too
        super().connection_made(transport)
        self._number = self._door.keep(self)
        if self._door.refuses_connection():
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._door.forget(self._number)
        super().connection_lost(exc)

    def abort(self) -> None:
        """End the connection with a TCP reset."""
        raw = self.transport.get_extra_info("socket")
        if raw is not None:
            with contextlib.suppress(OSError):
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    async def reset(self, receive: _Receive) -> None:
        """Abort the connection and wait for its end."""
        self.abort()
        await _wait_for_end(receive)

    async def truncate(self, response: CloudResponse, receive: _Receive) -> None:
        """Send half of a body that was announced as whole, and close."""
        body = response.body or b"{}"
        head = f"HTTP/1.1 {response.status} OK\r\ncontent-length: {len(body)}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in response.headers.items())
        self.transport.write(f"{head}\r\n".encode("latin-1") + body[: len(body) // 2])
        self.transport.close()
        await _wait_for_end(receive)


async def _spoil(
    fault: Fault, protocol: _DoorProtocol, response: CloudResponse, receive: _Receive
) -> None:
    if fault.kind == "reset":
        await protocol.reset(receive)
    else:
        await protocol.truncate(response, receive)


async def _wait_for_end(receive: _Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def read_body(receive: _Receive, limit: int) -> bytes | None:
    """The whole request body, or None where it is larger than `limit` bytes."""
    body: bytes = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return body
        body += message.get("body", b"")
        if len(body) > limit:
            return None
        if not message.get("more_body", False):
            return body


async def send_response(send: _Send, response: CloudResponse) -> None:
    """Send an answer with its length and the date of this machine's clock."""
    headers = response.headers | {
        "content-length": str(len(response.body)),
        "date": formatdate(usegmt=True),
    }
    pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": response.status, "headers": pairs})
    await send({"type": "http.response.body", "body": response.body})


def plain_config(app: Any) -> Config:
    """uvicorn's settings for a server that logs nothing and runs in a loop of ours."""
    config = Config(
        app,
        http=H11Protocol,
        ws="none",
        interface="asgi3",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        date_header=False,
        server_header=False,
        timeout_keep_alive=75,
    )
    config.load()
    return config


def bind(address: Any) -> socket.socket:
    """A bound socket that does not listen yet. Raises OSError."""
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound
