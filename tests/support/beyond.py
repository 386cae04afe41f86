"""What stands beyond the office's cable: a name server, a sign-in page, a TLS interceptor, squid.

Why: each is a real server on real sockets that does as told, also while somebody is connected.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import cast

from support.lan import HOST, NAMES, ONVIO, PROXY, Lan, in_background

_A = 1
_OK, _NXDOMAIN = 0x8180, 0x8183


class NameServer(asyncio.DatagramProtocol):
    """Answers every name: `answer` is an address, "nxdomain" or "silent"."""

    def __init__(self) -> None:
        self.answer = ONVIO

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if self.answer != "silent":
            self._transport.sendto(self._reply(data), addr)

    def _reply(self, query: bytes) -> bytes:
        end = query.index(b"\0", 12) + 5
        question, kind = query[12:end], int.from_bytes(query[end - 4 : end - 2], "big")
        flags = _NXDOMAIN if self.answer == "nxdomain" else _OK
        record = b""
        if flags == _OK and kind == _A:
            record = b"\xc0\x0c\0\1\0\1\0\0\0\0\0\4" + socket.inet_aton(self.answer)
        counts = b"\0\1" + len(record[:1]).to_bytes(2, "big") + b"\0\0\0\0"
        return query[:2] + flags.to_bytes(2, "big") + counts + question + record


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Beyond:
    """Servers beyond the cable, in one loop of their own; `cut` closes every connection."""

    def __init__(self, lan: Lan) -> None:
        self._loop = asyncio.new_event_loop()
        self._servers: list[asyncio.Server] = []
        self._open: list[asyncio.StreamWriter] = []
        self._thread = in_background(lan.beyond, "beyond", self._loop.run_forever)
        self.names = NameServer()
        self._do(self._serve_names())

    async def _serve_names(self) -> None:
        loop = asyncio.get_running_loop()
        self._datagrams, _ = await loop.create_datagram_endpoint(
            lambda: self.names, local_addr=(NAMES, 53)
        )

    def listen(
        self, address: str, port: int, serve: Serve, context: ssl.SSLContext | None = None
    ) -> None:
        """Serve there; with TLS where `context` is given."""

        async def kept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._open.append(writer)
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                await serve(reader, writer)
            writer.close()

        async def begin() -> None:
            self._servers.append(await asyncio.start_server(kept, address, port, ssl=context))

        self._do(begin())

    def cut(self) -> None:
        """Reset every connection."""

        async def abort() -> None:
            for writer in self._open:
                with contextlib.suppress(AttributeError):  # Python 3.11.2, of one closed twice
                    writer.transport.abort()
            self._open.clear()

        self._do(abort())

    def hang_up(self) -> None:
        """Listen no more, and cut."""

        async def close() -> None:
            for server in self._servers:
                server.close()
            self._servers.clear()

        self._do(close())
        self.cut()

    def close(self) -> None:
        """End it all."""
        self.hang_up()

        async def close() -> None:
            self._datagrams.close()

        self._do(close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def _do(self, work: Awaitable[None]) -> None:
        async def awaited() -> None:
            await work

        asyncio.run_coroutine_threadsafe(awaited(), self._loop).result(5)


def saying(answer: bytes) -> Serve:
    """A server that gives this answer to the first request, whatever that is."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()

    return serve


async def mute(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """A server that listens and never says a word."""
    while await reader.read(4096):
        pass


def passing_on(port: int, ca_file: str) -> Serve:
    """To ONVIO at `port`, over TLS: what an interceptor does with what it has decrypted."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        context = ssl.create_default_context(cafile=ca_file)
        far_reader, far_writer = await asyncio.open_connection(
            ONVIO, port, ssl=context, server_hostname=HOST
        )
        try:
            await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))
        finally:
            far_writer.close()

    return serve


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(65536):
            target.write(data)
            await target.drain()
    target.close()


class Squid:
    """A squid that wants a name and a password; `denies`: it lets nobody through to ONVIO."""

    USER, PASSWORD = "escritorio", "senha do proxy/%"
    URL = f"http://{PROXY}:3128"

    def __init__(self, lan: Lan) -> None:
        self._lan = lan
        self._folder = Path(tempfile.mkdtemp(prefix="squid-"))
        self._folder.chmod(0o755)
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self, *, denies: bool = False, password: str = PASSWORD) -> None:
        """Start (again). `password`: which it wants."""
        self.stop()
        hashed = subprocess.run(
            ["openssl", "passwd", "-apr1", password], check=True, capture_output=True, text=True
        ).stdout
        users_path = self._folder / "users"
        users_path.write_text(f"{self.USER}:{hashed}")
        users_path.chmod(0o644)
        rule = "http_access deny onvio" if denies else ""
        config_path = self._folder / "squid.conf"
        config_path.write_text(
            _SQUID.format(folder=self._folder, host=HOST, proxy=PROXY, rule=rule)
        )
        command = [*self._lan.beyond.prefix, "squid", "-N", "-f", str(config_path)]
        self._process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 20
        while True:
            with contextlib.suppress(OSError), socket.create_connection((PROXY, 3128), 1):
                return
            assert time.monotonic() < deadline, "squid does not listen"
            time.sleep(0.05)

    def stop(self) -> None:
        """End it; what went through it is cut."""
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            process.wait(20)

    def close(self) -> None:
        """End it and forget its files."""
        self.stop()
        shutil.rmtree(self._folder)


_SQUID = """
http_port {proxy}:3128
auth_param basic program /usr/lib/squid/basic_ncsa_auth {folder}/users
acl known proxy_auth REQUIRED
acl onvio dstdomain {host}
http_access deny !known
{rule}
http_access allow known
cache deny all
access_log none
cache_log /dev/null
pid_filename none
shutdown_lifetime 0 seconds
"""
