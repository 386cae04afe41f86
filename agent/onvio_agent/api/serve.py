"""HTTP/1.1 for the control API: uvicorn's protocol in the agent's own event loop, and nothing more.

uvicorn's server wakes ten times a second to look at a clock and a flag, and takes the signals; its
protocol alone does neither. An adapter: it may open sockets. Idle, it never wakes.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Callable
from typing import Any, Protocol

import h11
from starlette.applications import Starlette
from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from onvio_agent.errors import Failed

HOST = "127.0.0.1"

HEAD_LIMIT_S = 10.0
"""A request's head takes milliseconds; whoever needs longer only holds a connection."""

KEEP_ALIVE_S = 30.0
"""A kept connection is closed after so much silence: a panel's next click comes sooner or later."""

CONNECTIONS_MAX = 256
"""Four times the streams; a process that opens more would use up our files."""

STOP_LIMIT_S = 0.8
"""How long a stop waits for answers under way before it cuts them."""

_BACKLOG = 128


def bind(port: int) -> socket.socket:
    """A socket on `port` of the loopback address, 0 for any free one; it does not listen yet.

    Raises `Failed('agent.port_taken')`.
    """
    # With the protocol named, asyncio sets TCP_NODELAY; else each answer waits 40 ms for an ACK.
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform == "win32":  # there, REUSEADDR would let a stranger take the port over
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((HOST, port))
    except OSError as error:
        bound.close()
        raise Failed("agent.port_taken", port=port) from error
    return bound


class Noting(Protocol):
    """Takes down who was turned away."""

    def note(self, why: str) -> None: ...


class Ending(Protocol):
    """Streams, which know no end of their own."""

    def close(self) -> None: ...


class ServedParts(Protocol):
    """What a server needs of the application that it serves."""

    @property
    def refusals(self) -> Noting: ...

    @property
    def streams(self) -> Ending: ...


class ApiServer:
    """Serves `app` on a bound socket, in the running loop; `port` is where."""

    def __init__(self, app: Starlette, listening: socket.socket) -> None:
        self.parts: ServedParts = app.state.parts
        self.config = _config(app)
        self.state = ServerState()
        self.port: int = listening.getsockname()[1]
        self._socket = listening
        self._server: asyncio.Server | None = None
        self._connections: dict[int, Connection] = {}
        self._count = 0
        self._emptied = asyncio.Event()

    async def start(self) -> None:
        """Accept from now on. Raises `Failed('agent.port_taken')`."""
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(
                lambda: Connection(self), sock=self._socket, backlog=_BACKLOG
            )
        except OSError as error:
            raise Failed("agent.port_taken", port=self.port) from error

    async def stop(self) -> None:
        """Accept nothing more, end the streams, let answers finish for an instant, cut the rest."""
        if self._server is None:
            return
        self._server.close()
        self.parts.streams.close()
        for connection in list(self._connections.values()):
            connection.shutdown()
        try:
            async with asyncio.timeout(STOP_LIMIT_S):
                while self._connections:
                    self._emptied.clear()
                    await self._emptied.wait()
        except TimeoutError:
            for connection in list(self._connections.values()):
                connection.abort()
            await asyncio.sleep(0)  # lets the ends be noticed

    def keep(self, connection: Connection) -> int:
        """A connection is there; its number, or 0 when there are too many."""
        if len(self._connections) >= CONNECTIONS_MAX:
            return 0
        self._count += 1
        self._connections[self._count] = connection
        return self._count

    def forget(self, number: int) -> None:
        """That connection has ended."""
        self._connections.pop(number, None)
        if not self._connections:
            self._emptied.set()


class Connection(H11Protocol):
    """One connection: uvicorn's, with a limit on slow heads and a hand on its end."""

    def __init__(self, server: ApiServer) -> None:
        super().__init__(server.config, server.state, {"peer": self})
        self.is_lost = False
        self._server = server
        self._number = 0
        self._slow: asyncio.TimerHandle | None = None
        self._tell_lost: list[Callable[[], None]] = []

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn narrows it too
        super().connection_made(transport)
        self._number = self._server.keep(self)
        if self._number == 0:
            self._refuse("connections")
        else:
            self._watch_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_lost = True
        self._stop_watching()
        self._server.forget(self._number)
        super().connection_lost(exc)
        for tell in self._tell_lost:
            tell()
        self._tell_lost.clear()

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP at all."""
        self._server.parts.refusals.note("malformed")
        super().send_400_response(msg)

    def when_lost(self, tell: Callable[[], None]) -> None:
        """Have `tell` called when the connection ends; at once where it has."""
        if self.is_lost:
            tell()
        else:
            self._tell_lost.append(tell)

    def abort(self) -> None:
        """End it at once, whatever is still unsent."""
        self.transport.abort()

    def _watch_head(self) -> None:
        """From the first byte of a request (or none at all) to the end of its head: `HEAD_LIMIT_S`."""
        if self.conn.their_state is not h11.IDLE or self.is_lost:
            self._stop_watching()
        elif self._slow is None:
            self._slow = self.loop.call_later(HEAD_LIMIT_S, self._refuse, "slow")

    def _stop_watching(self) -> None:
        if self._slow is not None:
            self._slow.cancel()
            self._slow = None

    def _refuse(self, why: str) -> None:
        self._server.parts.refusals.note(why)
        self.abort()


def _config(app: Any) -> Config:
    config = Config(
        app,
        http=H11Protocol,
        ws="none",
        interface="asgi3",
        lifespan="off",
        log_config=None,
        log_level="critical",  # what goes wrong is logged by us, once
        access_log=False,
        date_header=False,  # no cache reads it, and it would need a clock that ticks
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=int(KEEP_ALIVE_S),
    )
    config.load()
    return config
