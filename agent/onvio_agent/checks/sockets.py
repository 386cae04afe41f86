"""The network that is really there: an adapter, the only file of the checks that opens sockets."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Sequence

from onvio_agent import routes
from onvio_agent.checks.net import Answer, Stream
from onvio_agent.errors import fill
from onvio_agent.i18n import _

_LINES_MAX = 200


class SocketNet:
    """`Net` on sockets; `context` verifies as the agent's own connections are verified.

    Without one no certificate is accepted where one is to be verified.
    """

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self._context = context or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

    def source(self, address: str) -> str:
        return routes.source(address)

    async def resolve(self, host: str) -> Sequence[str]:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))

    async def connect(self, addresses: Sequence[str], port: int) -> Stream:
        failed: OSError | None = None
        for address in addresses:
            try:
                return SocketStream(*await asyncio.open_connection(address, port), self._context)
            except OSError as error:
                failed = failed or error
        raise failed or OSError("no address")


class SocketStream:
    """`Stream` on one socket."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        context: ssl.SSLContext,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._context = context

    async def ask(self, head: str) -> Answer:
        self._writer.write(head.encode("latin-1") + b"\r\n")
        first = (await self._line()).split(" ", 2)
        if not first[0].startswith("HTTP/1.") or len(first) < 2 or not first[1].isdecimal():
            raise ConnectionResetError("not HTTP")
        headers: dict[str, str] = {}
        for _line in range(_LINES_MAX):
            name, colon, value = (await self._line()).partition(":")
            if not colon:
                break
            name, value = name.lower(), value.strip()
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        return Answer(int(first[1][:3]), headers)

    async def secure(self, name: str, *, verified: bool) -> str:
        context = self._context if verified else _unverified()
        await self._writer.start_tls(context, server_hostname=name)
        agreed = self._writer.get_extra_info("ssl_object")
        issuer = dict(pair for part in agreed.getpeercert().get("issuer", ()) for pair in part)
        by = issuer.get("organizationName") or issuer.get("commonName")
        version = str(agreed.version())
        told = _("{version}, issued by {issuer}")
        return fill(told, {"version": version, "issuer": by}) if by else version

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._writer.transport.abort()

    async def _line(self) -> str:
        try:
            line = await self._reader.readline()
        except ValueError as error:  # longer than the reader's limit
            raise ConnectionResetError("not HTTP") from error
        if not line.endswith(b"\n"):
            raise ConnectionResetError("closed in mid-answer")
        return line.decode("latin-1").rstrip("\r\n")


def _unverified() -> ssl.SSLContext:
    """For a look at the other side's clock alone, where the certificate's dates are in doubt."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
