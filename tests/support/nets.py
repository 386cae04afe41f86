"""A network as the checks see it, made of answers that a test has written down.

Why: what the checks conclude from answers is decided without a network; real ones are for the
integration tests.
"""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from onvio_agent.checks.net import Answer, Stream


def no_route() -> OSError:
    """What the kernel says without a way out."""
    return OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH))


@dataclass
class PaperNet:
    """`names` to addresses; `answers` by port to what is said there, an error included."""

    is_up: bool = True
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    answers: Mapping[int, Answer | OSError] = field(default_factory=dict)
    heads: list[str] = field(default_factory=list)

    def source(self, address: str) -> str:
        if not self.is_up or ":" in address:
            raise no_route()
        return "10.0.0.2"

    async def resolve(self, host: str) -> Sequence[str]:
        if host not in self.names:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return self.names[host]

    async def connect(self, addresses: Sequence[str], port: int) -> Stream:
        answer = self.answers.get(port, ConnectionRefusedError(errno.ECONNREFUSED, "refused"))
        if isinstance(answer, OSError):
            raise answer
        return PaperStream(self, answer)


class PaperStream:
    """`Stream` that gives its one answer."""

    def __init__(self, net: PaperNet, answer: Answer) -> None:
        self._net = net
        self._answer = answer

    async def ask(self, head: str) -> Answer:
        self._net.heads.append(head)
        return self._answer

    async def secure(self, name: str, *, verified: bool) -> str:
        return f"TLS with {name}"

    def close(self) -> None:
        """Nothing is open."""
