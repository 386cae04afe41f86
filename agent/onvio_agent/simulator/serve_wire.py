"""HTTP/1.1 by uvicorn with a hand on the connection, so that an answer can be spoilt.

Why: a reset and a cut answer must be real on the wire.
It must not decide when.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable, Callable, MutableMapping
from email.utils import formatdate
from typing import Any, Protocol

from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from onvio_agent.simulator.faults import Fault
from onvio_agent.simulator.wire import CloudResponse

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Register(Protocol):
    """Who wants to know which connections are alive."""

    def keep(self, protocol: WireProtocol) -> int:
        """A connection was accepted. Returns its number."""

    def forget(self, number: int) -> None:
        """A connection has ended."""


class WireProtocol(H11Protocol):
    """uvicorn's HTTP/1.1, with a hand on the connection."""

    def __init__(self, register: Register, config: Config, state: ServerState) -> None:
        super().__init__(config, state, {"protocol": self})
        self._register = register
        self._begun = False
        self._ended = False
        self.number = register.keep(self)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn narrows it too
        super().connection_made(transport)
        self._begun = True
        if self._ended:
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._register.forget(self.number)
        super().connection_lost(exc)

    def abort(self) -> None:
        """End the connection with a TCP reset; one in its handshake ends right after it."""
        self._ended = True
        if not self._begun:
            return
        raw = self.transport.get_extra_info("socket")
        if raw is not None:
            reset_on_close(raw)
        self.transport.abort()

    async def spoil(self, fault: Fault, response: CloudResponse, receive: Receive) -> None:
        """Do to an answer what `reset` (value "after") or `truncated` says."""
        if fault.kind == "reset":
            await self.reset(receive)
        else:
            await self._truncate(response, receive)

    async def reset(self, receive: Receive) -> None:
        """Abort the connection and wait for its end."""
        self.abort()
        await _wait_for_end(receive)

    async def _truncate(self, response: CloudResponse, receive: Receive) -> None:
        """Send half of a body that was announced as whole, and close."""
        body = response.body or b"{}"
        head = f"HTTP/1.1 {response.status} OK\r\ncontent-length: {len(body)}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in response.headers.items())
        self.transport.write(f"{head}\r\n".encode("latin-1") + body[: len(body) // 2])
        self.transport.close()
        await _wait_for_end(receive)


async def _wait_for_end(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def read_body(receive: Receive, limit: int) -> bytes | None:
    """The whole request body; None where the client left or it is larger than `limit` bytes."""
    body: bytes = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if len(body) > limit:
            return None
        if not message.get("more_body", False):
            return body


async def send_response(send: Send, response: CloudResponse) -> None:
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


def reset_on_close(connection: Any) -> None:
    """Make the end of this connection a TCP reset."""
    with contextlib.suppress(OSError):  # it has ended by itself
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
