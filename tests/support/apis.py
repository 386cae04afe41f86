"""The control API of a desk on a real port, asked over real sockets, well or badly.

Why: what a gate lets through is only seen on the wire. `Served.ask` sends a good request unless told
otherwise; `Served.raw` sends any bytes at all.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from onvio_agent.actions.desk import Desk
from onvio_agent.actions.manager import set_password
from onvio_agent.api.app import Access, build_api
from onvio_agent.api.serve import ApiServer, bind
from onvio_agent.contract.status import API_VERSION
from onvio_agent.lock import ProfileLock
from onvio_agent.panel.door import open_panel
from onvio_agent.panel.workstation import Workstation
from onvio_agent.runtime import Runtime, write_runtime
from onvio_config.paths import Paths, paths_from_env
from support import produced
from support.workstations import workstation_at

TOKEN = "7f" * 32
BOOT_ID = "boot"
MANAGER_PASSWORD = "senha-do-gerente"


class Answer(NamedTuple):
    """One answer, its headers by lower-case name."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The decoded body."""
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The reason's code."""
        return str(self.json["error"]["code"])


class Served:
    """A served desk. `session`: the Gerente's, once `sign_in` was called."""

    def __init__(
        self,
        desk: Desk,
        workstation: Workstation,
        server: ApiServer,
        stop_requested: asyncio.Event,
    ) -> None:
        self.desk = desk
        self.workstation = workstation
        self.server = server
        self.stop_requested = stop_requested
        self.session: str | None = None

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.server.port

    async def sign_in(self) -> None:
        """Be the Gerente from now on."""
        await set_password(self.desk.store, self.desk.exec, MANAGER_PASSWORD)
        login = {"login": "gerente", "password": MANAGER_PASSWORD}
        self.session = (await self.ask("POST", "/v1/sessions", login)).json["session"]

    async def ask(
        self, method: str, path: str, body: object = None, **headers: str | None
    ) -> Answer:
        """One request. Header names with underscores; None leaves one out that is usual."""
        named = {
            "host": f"127.0.0.1:{self.port}",
            "authorization": f"Bearer {TOKEN}",
            "x-manager-session": self.session,
        }
        data = b""
        if body is not None:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            named |= {"content-type": "application/json", "content-length": str(len(data))}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        named["connection"] = "close"
        lines = [f"{name}: {value}\r\n" for name, value in named.items() if value is not None]
        head = f"{method} {path} HTTP/1.1\r\n{''.join(lines)}\r\n"
        return read_answer(await self.raw(head.encode("latin-1") + data))

    async def raw(self, data: bytes) -> bytes:
        """All that comes back for `data` until the other side ends the connection."""
        reader, writer = await self.connect()
        writer.write(data)
        try:
            async with asyncio.timeout(10):
                return await reader.read()
        finally:
            writer.close()

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A bare connection."""
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def open_stream(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A stream of events, its head read."""
        reader, writer = await self.connect()
        head = f"GET /v1/stream HTTP/1.1\r\nhost: 127.0.0.1:{self.port}\r\n"
        writer.write(f"{head}authorization: Bearer {TOKEN}\r\n\r\n".encode())
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200"), answer
        return reader, writer


def read_answer(data: bytes) -> Answer:
    """An answer with a content-length, taken apart."""
    head, _, body = data.partition(b"\r\n\r\n")
    produced.hear(body)
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = [line.partition(": ") for line in lines]
    headers = {name.lower(): value for name, _colon, value in pairs}
    return Answer(int(first.split()[1]), headers, body[: int(headers.get("content-length", "0"))])


async def next_event(reader: asyncio.StreamReader) -> tuple[str, Any]:
    """The next event's name and decoded data; ("end", None) at the end of the stream."""
    async with asyncio.timeout(10):
        size = int(await reader.readline() or b"0", 16)
        chunk = await reader.readexactly(size + 2)
    if size == 0:
        return "end", None
    name, data = chunk.decode().strip().split("\n")
    return name.removeprefix("event: "), json.loads(data.removeprefix("data: "))


@asynccontextmanager
async def served(
    desk: Desk, port: int = 0, workstation: Workstation | None = None
) -> AsyncIterator[Served]:
    """The desk's API, on a free port unless told; its panel shows `workstation`."""
    stop_requested = asyncio.Event()
    api = build_api(desk, Access(TOKEN, BOOT_ID), stop_requested.set)
    workstation = workstation or workstation_at(Path("nowhere"))
    open_panel(api, workstation)
    server = ApiServer(api, bind(port))
    await server.start()
    try:
        yield Served(desk, workstation, server, stop_requested)
    finally:
        await server.stop()


class FakedProfile:
    """A profile's lock and runtime file, held by the test itself, which stands for the agent."""

    def __init__(self, home_dir: Path) -> None:
        self.paths: Paths = paths_from_env({"ONVIO_AGENT_HOME": str(home_dir)})
        self.paths.ensure()
        self.lock = ProfileLock(self.paths.lock_path)

    def hold(self, pid: int, port: int, *, token: str = TOKEN, version: int = API_VERSION) -> None:
        """Take the lock and say where to be reached."""
        self.lock.acquire()
        runtime = Runtime(pid=pid, port=port, api_version=version, boot_id=BOOT_ID, token=token)
        write_runtime(self.paths.runtime_path, runtime)
