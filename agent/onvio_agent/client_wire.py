"""One connection to the agent's port: a challenge first, then one request; every wait is bounded.

Part of `client.py`, and under the same rules. What comes back before the proof is a stranger's: it is
read with a limit on bytes and on the whole time, and believed in nothing.
"""

from __future__ import annotations

import hmac
import http.client
import socket
import time
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any

import msgspec

from onvio_agent.contract.status import Snapshot, decode_snapshot
from onvio_agent.errors import Failed
from onvio_agent.runtime import proof

_HOST = "127.0.0.1"
_HELLO_MAX_BYTES = 4096
_READ_BYTES = 1 << 16


class StreamEnded(Failed):
    """The stream has been silent for too long, or broke off."""


class WrongProof(Exception):
    """Whoever answers does not know the token."""


class Hello(msgspec.Struct, frozen=True):
    """Who answers, once proven."""

    api_version: int
    version: str
    boot_id: str
    pid: int
    proof: str


class _BoundedSocket(socket.socket):
    """A socket whose reads all end at one deadline, however slowly the bytes drip in."""

    deadline = 0.0

    def recv_into(self, *args: Any) -> int:
        self.settimeout(max(0.001, self.deadline - time.monotonic()))
        return super().recv_into(*args)


class Wire:
    """A connection to `port` that must be done within `limit_s`. Raises OSError, HTTPException."""

    def __init__(self, port: int, limit_s: float) -> None:
        self._host = f"{_HOST}:{port}"
        self._socket = _BoundedSocket(socket.AF_INET, socket.SOCK_STREAM)
        self._http = http.client.HTTPConnection(_HOST, port)
        self._http.auto_open = 0  # a new connection would not be proven
        try:
            self.extend(limit_s)
            self._socket.settimeout(limit_s)
            self._socket.connect((_HOST, port))
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError:
            self._socket.close()
            raise
        self._http.sock = self._socket

    def __enter__(self) -> Wire:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connection."""
        self._http.close()
        self._socket.close()

    def extend(self, limit_s: float) -> None:
        """From now, `limit_s` for all that is still to be read."""
        self._socket.deadline = time.monotonic() + limit_s

    def hello(self, nonce: str, token: str, boot_id: str) -> Hello:
        """Challenge the other side; sends nothing secret. Ends the connection where it fails.

        Raises `WrongProof` for a wrong answer, OSError or HTTPException for none.
        """
        try:
            return self._challenge(nonce, token, boot_id)
        except BaseException:
            self.close()
            raise

    def _challenge(self, nonce: str, token: str, boot_id: str) -> Hello:
        try:
            response = self.ask("GET", f"/v1/hello?nonce={nonce}", {}, None)
            hello = msgspec.json.decode(response.read(_HELLO_MAX_BYTES), type=Hello)
        except (msgspec.MsgspecError, UnicodeDecodeError, http.client.HTTPException) as error:
            if isinstance(error, http.client.RemoteDisconnected):
                raise  # nobody's answer: an agent that is just ending does so too
            raise WrongProof from error
        right = proof(token, nonce, boot_id)
        if not hmac.compare_digest(hello.proof.encode(), right.encode()):
            raise WrongProof
        response.read()
        return hello

    def ask(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None
    ) -> http.client.HTTPResponse:
        """Send one request; the answer's head."""
        headers = {"Host": self._host, "Accept-Encoding": "identity", **headers}
        if body is not None:
            headers["Content-Type"] = "application/json"
        self._http.request(method, path, body, headers)
        return self._http.getresponse()


def events(
    wire: Wire, response: http.client.HTTPResponse, silence_s: float, pid: int
) -> Iterator[Snapshot | None]:
    """The snapshots of a stream, None for a heartbeat, until the agent ends it in order."""
    wire.extend(silence_s)
    try:
        for event in _blocks(response):
            kind, _, data = event.partition(b"\ndata: ")
            yield decode_snapshot(data) if kind == b"event: snapshot" else None
            wire.extend(silence_s)
    except (OSError, http.client.HTTPException) as error:
        raise StreamEnded("agent.not_answering", pid=pid) from error


def _blocks(response: http.client.HTTPResponse) -> Iterator[bytes]:
    """The events as they were sent, each without the empty line at its end."""
    rest = b""
    while more := response.read1(_READ_BYTES):
        *whole, rest = (rest + more).split(b"\n\n")
        yield from whole
