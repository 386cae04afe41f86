"""The stream of snapshots: server-sent events, the newest state wins, a heartbeat when all is quiet.

A reader that is too slow misses the states between; one that reads nothing at all is dropped. Ends
in order when the agent does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from onvio_agent.contract.status import Snapshot, encode
from onvio_agent.hub import Hub

HEARTBEAT_S = 15.0
"""A reader greys after 40 s of silence: two heartbeats may be late."""

WRITE_LIMIT_S = 40.0
"""A reader that has taken nothing for so long has long since greyed."""

STREAMS_MAX = 64
"""Far more than trays and panels of one workstation, few enough to wake them all."""

_HEADERS = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]
_BEAT = b"event: heartbeat\ndata: {}\n\n"


class Peer(Protocol):
    """The connection under a request, as `serve.py` puts it into the scope's state."""

    is_lost: bool

    def when_lost(self, tell: Callable[[], None]) -> None:
        """Have `tell` called when the connection ends."""

    def abort(self) -> None:
        """End it at once, whatever is still unsent."""


class Streams:
    """All open streams; one listener of the hub wakes them."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.is_closed = False
        self._wakes: dict[int, asyncio.Event] = {}
        self._count = 0
        hub.listen(lambda _publication: self._wake())

    @property
    def is_full(self) -> bool:
        """Whether no more may open."""
        return len(self._wakes) >= STREAMS_MAX

    def close(self) -> None:
        """End every stream, and each one that would still open."""
        self.is_closed = True
        self._wake()

    def enter(self, wake: asyncio.Event) -> int:
        """Have `wake` set at each publication; the number to `leave` with."""
        self._count += 1
        self._wakes[self._count] = wake
        return self._count

    def leave(self, number: int) -> None:
        """Forget it."""
        self._wakes.pop(number, None)

    def _wake(self) -> None:
        for wake in self._wakes.values():
            wake.set()


class EventStream(Response):
    """The answer to one reader: a snapshot at once, then one whenever the state has changed.

    `encoded`: what this reader is told of a snapshot, as JSON.
    """

    def __init__(
        self, streams: Streams, peer: Peer, encoded: Callable[[Snapshot], bytes] = encode
    ) -> None:
        super().__init__()
        self._encoded = encoded
        self._streams = streams
        self._peer = peer
        self._wake = asyncio.Event()
        self._sent_revision: int | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        number = self._streams.enter(self._wake)
        self._peer.when_lost(self._wake.set)
        try:
            await self._tell(send)
        except TimeoutError:  # the reader takes nothing
            self._peer.abort()
        finally:
            self._streams.leave(number)

    async def _tell(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await self._send_snapshot(send)
        while not self._is_over():
            if await self._is_woken():
                await self._send_snapshot(send)
                await asyncio.sleep(0)  # whatever wakes it again, others get their turn
            else:
                self._streams.hub.tick()
                await _write(send, _BEAT)
        await _write(send, b"", more=False)

    def _is_over(self) -> bool:
        return self._streams.is_closed or self._peer.is_lost

    async def _is_woken(self) -> bool:
        try:
            async with asyncio.timeout(HEARTBEAT_S):
                await self._wake.wait()
        except TimeoutError:
            return False
        return True

    async def _send_snapshot(self, send: Send) -> None:
        self._wake.clear()
        if self._is_over():
            return
        snapshot = self._streams.hub.snapshot()
        if snapshot.agent.revision == self._sent_revision:
            return
        self._sent_revision = snapshot.agent.revision
        await _write(send, b"event: snapshot\ndata: " + self._encoded(snapshot) + b"\n\n")


async def _write(send: Send, body: bytes, *, more: bool = True) -> None:
    async with asyncio.timeout(WRITE_LIMIT_S):
        await send({"type": "http.response.body", "body": body, "more_body": more})
