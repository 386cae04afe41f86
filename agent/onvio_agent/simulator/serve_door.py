"""One door of the simulated ONVIO: an HTTPS listener that shows the model and does its wire faults.

Why: latency, refusals, resets, cut answers and bad certificates must be real for a real client.
It must not decide anything: which fault strikes is the model's word.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections.abc import Callable
from typing import Any

from uvicorn.server import ServerState

from onvio_agent.simulator.faults import CERT_KINDS, CONNECT_KINDS, Kind
from onvio_agent.simulator.model import Cloud
from onvio_agent.simulator.serve_wire import (
    Message,
    Receive,
    Send,
    WireProtocol,
    plain_config,
    read_body,
    reset_on_close,
    send_response,
)
from onvio_agent.simulator.wire import CloudRequest, CloudResponse, Target

_BACKLOG = 100
MAX_BODY_BYTES = 6_000_000


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
        self._listening = False
        # Connections that are being taken in; only so that their tasks are not lost.
        self._arriving: set[asyncio.Task[None]] = set()
        self._bad_contexts = contexts[1] if contexts else {}
        self._context = contexts[0] if contexts else None
        if self._context is not None:
            self._context.sni_callback = self._choose_certificate
        self._config = plain_config(self._answer)
        self._state = ServerState()
        self._live: dict[int, WireProtocol] = {}
        self._born = 0

    def apply_faults(self) -> None:
        """Bring the listener in line with the faults that are set; call it after each change."""
        refuse = self._cloud.faults.peek(("refuse",), self._target)
        closed = refuse is not None and refuse.times is None
        if closed and self._listening:
            self.close()
            # Bound but not listening: clients are refused, and nobody else can take the port.
            self._socket = bind(self._address)
        elif not closed and not self._listening:
            self._listening = True
            self._socket.listen(_BACKLOG)
            self._socket.setblocking(False)
            asyncio.get_running_loop().add_reader(self._socket, self._accept)
        if self._cloud.faults.peek(CONNECT_KINDS, self._target) is not None:
            self.drop_connections()

    def drop_connections(self) -> None:
        """Abort all live connections."""
        for protocol in list(self._live.values()):
            protocol.abort()

    def close(self) -> None:
        """Stop listening and abort all live connections."""
        if self._listening:
            self._listening = False
            asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()
        self.drop_connections()

    def keep(self, protocol: WireProtocol) -> int:
        """Remember a connection from its acceptance on. Returns its number."""
        self._born += 1
        self._live[self._born] = protocol
        return self._born

    def forget(self, number: int) -> None:
        """A connection has ended."""
        self._live.pop(number, None)

    def _accept(self) -> None:
        try:
            connection, _address = self._socket.accept()
        except OSError:  # the client has gone again, or there are too many
            return
        if self._cloud.faults.take(("refuse",), self._target) is not None:
            reset_on_close(connection)
            connection.close()
            return
        task = asyncio.get_running_loop().create_task(
            self._welcome(connection, WireProtocol(self, self._config, self._state))
        )
        self._arriving.add(task)
        task.add_done_callback(self._arriving.discard)

    async def _welcome(self, connection: socket.socket, protocol: WireProtocol) -> None:
        connection.setblocking(False)
        loop = asyncio.get_running_loop()
        try:
            await loop.connect_accepted_socket(lambda: protocol, connection, ssl=self._context)
        except OSError:  # the client did not like the certificate, or left
            self.forget(protocol.number)

    def _choose_certificate(
        self, connection: ssl.SSLObject | ssl.SSLSocket, _name: str | None, _context: ssl.SSLContext
    ) -> None:
        fault = self._cloud.faults.take(CERT_KINDS, self._target)
        if fault is not None:
            connection.context = self._bad_contexts[fault.kind]

    async def _answer(self, scope: Message, receive: Receive, send: Send) -> None:
        protocol: WireProtocol = scope["state"]["protocol"]
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
            await protocol.spoil(fault, response, receive)

    def _request(self, scope: Message, body: bytes) -> CloudRequest:
        return CloudRequest(
            self._target,
            scope["method"],
            scope["path"],
            scope["query_string"].decode("latin-1"),
            {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
            body,
        )


def bind(address: Any) -> socket.socket:
    """A bound socket that does not listen yet. Raises OSError."""
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    # With the protocol named, asyncio sets TCP_NODELAY; else a body waits 40 ms for its head's ACK.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # elsewhere it would let two programs share the port
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound
