"""A whole desk in one process: production actions, hub, store and vault, over the cloud's own model.

Why: what happens between two awaits can be forced here, which no test over sockets can do. Time
moves only when told. `Wire` is the place to hold a request back, lose its answer, or count it.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

from onvio_agent.actions import link as link_action
from onvio_agent.actions import people
from onvio_agent.actions.confirm_portal import confirm_portal
from onvio_agent.actions.desk import Actor, Desk
from onvio_agent.actions.probe import probe
from onvio_agent.actions.sign_in import Password
from onvio_agent.agent import Agent, Machine, assemble
from onvio_agent.chance import Streams, SystemEntropy
from onvio_agent.contract.status import Role
from onvio_agent.errors import StoreFailed
from onvio_agent.log import wrap_log
from onvio_agent.office.model import User
from onvio_agent.onvio.errors import NotSent, Uncertain
from onvio_agent.onvio.transport import Request, Response
from onvio_agent.simulator.wire import CloudRequest
from onvio_agent.store.sqlite import SqliteStore, open_store
from onvio_agent.store.sync_sqlite import SqliteSync
from onvio_agent.store.vault import Vault
from onvio_agent.world import Process
from onvio_config.model import Onvio, Settings, Workstation
from support.cloud import DirectCloud
from support.folders import MemoryFolders
from support.instants import HandClock, HandTimer
from support.landings import MemoryLandings
from support.sim import ANA, BRUNO, CLIENT_ID, GERENTE, password_of

T = TypeVar("T")
GER = Actor(is_manager=True)
ANYBODY = Actor()
EMAILS = {"gerente": GERENTE, "ana": ANA, "bruno": BRUNO}


class InlineExec:
    """An `Exec` without threads: the work is done where it is asked for."""

    async def run(self, work: Callable[[], T]) -> T:
        await asyncio.sleep(0)
        return work()

    async def run_blocking(self, work: Callable[[], T], timeout_s: float) -> T:
        return work()


class Wire:
    """A `Transport` to the model. `before` and `after` may wait or raise, per request."""

    def __init__(self, cloud: DirectCloud) -> None:
        self.cloud = cloud
        self.sent: list[str] = []
        self.cut = False
        self.renewed = 0
        self.before: Callable[[Request], Awaitable[None]] | None = None
        self.after: Callable[[Request], Awaitable[None]] | None = None

    async def renew(self) -> None:
        """There are no connections."""
        self.renewed += 1

    async def aclose(self) -> None:
        """There are no connections."""

    async def send(self, request: Request, *, deadline_s: float) -> Response:
        await asyncio.sleep(0)
        if self.before is not None:
            await self.before(request)
        if self.cut:
            raise NotSent("network.refused", target=request.target)
        self.sent.append(request.path)
        headers = dict(request.headers)
        if request.content_type is not None:
            headers["content-type"] = request.content_type
        answer = self.cloud.cloud.handle(
            CloudRequest(
                request.target,
                request.method,
                request.path,
                urlencode(request.query),
                headers,
                request.body,
            )
        )
        if self.after is not None:
            await self.after(request)
        answered = {name.lower(): value for name, value in dict(answer.headers).items()}
        return Response(answer.status, answered, answer.body)


class Lines:
    """A log's sink that a test reads."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write(self, line: str) -> None:
        self.lines.append(line)


class Disk:
    """The real store on a disk that a test can fill: then reading works and writing does not."""

    _READS = ("office", "tokens", "revocations", "intent", "intent_set_at", "retries",
              "manager_password", "vault_key", "corrupt_at", "history", "close")  # fmt: skip

    def __init__(self, store: SqliteStore) -> None:
        self._store = store
        self.full = False
        self.refuses: tuple[str, ...] = ()  # these alone, while there is room for the rest
        self.refused: list[str] = []

    @property
    def sync(self) -> SqliteSync:
        """What is kept of documents, on the same disk."""
        return SqliteSync(self._store._read, self._refusing)

    async def _refusing(self, work: Callable[[sqlite3.Connection], T]) -> T:
        if self.full:
            raise StoreFailed("store.full")
        return await self._store._write(work)

    def __getattr__(self, name: str) -> Any:
        if name in self.refuses or (self.full and name not in self._READS):
            self.refused.append(name)
            return self._refuse
        return getattr(self._store, name)

    async def _refuse(self, *_args: object, **_keys: object) -> Any:
        raise StoreFailed("store.full")


class Bench:
    """One desk and all that a test may touch."""

    def __init__(
        self,
        folder: Path,
        agent: Agent,
        wire: Wire,
        clock: HandClock,
        timer: HandTimer,
        lines: Lines,
        disk: Disk,
        folders: MemoryFolders,
        landings: MemoryLandings,
    ):
        self.folder = folder
        self.agent = agent
        self.desk: Desk = agent.desk
        self.wire = wire
        self.cloud = wire.cloud
        self.clock = clock
        self.timer = timer
        self.lines = lines
        self.disk = disk
        self.folders = folders
        self.landings = landings

    def pass_time(self, seconds: float) -> None:
        """Here and at ONVIO."""
        self.clock.advance(seconds)
        self.cloud.now += seconds
        self.desk.hub.tick()

    async def settle(self) -> None:
        """Let everything that was spawned end; what waits for time or for the test goes on waiting."""
        for _ in range(200):
            await asyncio.sleep(0)

    def events(self, name: str) -> list[dict[str, Any]]:
        """The log's entries of that event, oldest first."""
        entries = [json.loads(line) for line in self.lines.lines]
        return [entry for entry in entries if entry["event"] == name]

    def user(self, login: str) -> User:
        """The user as the hub has it."""
        found = self.desk.hub.office.find(login)
        assert found is not None
        return found

    def icon(self, login: str) -> tuple[str, str | None]:
        """The user's icon and its reason."""
        for each in self.desk.hub.snapshot().users:
            if each.login == login:
                return str(each.icon.state), each.icon.reason
        raise AssertionError(login)

    async def link(
        self, login: str, email: str | None = None, *, password: str | None = None, **more: Any
    ) -> User:
        """Link as the Gerente would."""
        email = email or EMAILS[login]
        password = password or password_of(email)
        return await link_action.link(self.desk, GER, login, Password(email, password), **more)

    async def portal(self, login: str, email: str | None = None) -> User:
        """Confirm the portal."""
        email = email or EMAILS[login]
        return await confirm_portal(self.desk, GER, login, Password(email, password_of(email)))

    async def connect(self, *logins: str) -> None:
        """Link and confirm these."""
        for login in logins:
            await self.link(login)
            await self.portal(login)


@asynccontextmanager
async def bench(
    folder: Path,
    *,
    own: str = "",
    settings: Settings | None = None,
    after: Bench | None = None,
    online: bool = True,
    **seed: Any,
) -> AsyncIterator[Bench]:
    """An office with `gerente`, `ana` and `bruno`, online, nobody linked.

    `after`: the run before, whose time and cloud go on here. `online` False: nothing is probed yet.
    The watchers follow only once a test calls `agent.start()`.
    """
    clock = after.clock if after else HandClock()
    wire = Wire(after.cloud if after else DirectCloud(**seed))
    timer = HandTimer()
    folders = after.folders if after else MemoryFolders()
    lines = Lines()
    landings = MemoryLandings()
    exec_ = InlineExec()
    disk = Disk(await open_store(folder / "agent.db", exec_, clock_wall=clock.wall))
    store = cast("SqliteStore", disk)
    entropy = SystemEntropy()
    machine = Machine(
        clock=clock,
        entropy=entropy,
        streams=Streams(1),
        exec_=exec_,
        store=store,
        vault=Vault(
            store,
            exec_,
            kind="file",
            key_path=folder / "vault.key",
            random_bytes=entropy.random_bytes,
        ),
        network=wire,
        folders=folders,
        timer_of=lambda _tasks: timer,
        log=wrap_log(lines, "debug", clock=clock),
        landings=landings,
    )
    settings = settings or Settings(
        onvio=Onvio(client_id=CLIENT_ID), workstation=Workstation(user=own)
    )
    process = Process(version="0", pid=1, boot_id="boot", started_at=clock.wall())
    agent = await assemble(settings, machine, process)
    desk, hub = agent.desk, agent.desk.hub
    made = Bench(folder, agent, wire, clock, timer, lines, disk, folders, landings)
    if not hub.office.users:
        manager = User(id=0, login="gerente", name="Gerente", role=Role.MANAGER)
        await store.add_user(manager, at=clock.wall())
        await desk.reload_office()
        for login in ("ana", "bruno"):
            await people.add_user(desk, GER, login, login.title())
    if online:
        await probe(desk)
    try:
        yield made
    finally:
        await desk.tasks.close()
        await store.close()


def lost_answer(path: str, times: int = 1) -> Callable[[Request], Awaitable[None]]:
    """For `Wire.after`: ONVIO has acted and its answer never arrives."""
    left = [times]

    async def after(request: Request) -> None:
        if request.path == path and left[0] > 0:
            left[0] -= 1
            raise Uncertain("network.interrupted", target=request.target)

    return after


class Hold:
    """For `Wire.before` or `.after`: keeps requests to `path` waiting until `release`."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.reached = asyncio.Event()
        self.released = asyncio.Event()

    async def __call__(self, request: Request) -> None:
        if request.path == self.path and not self.released.is_set():
            self.reached.set()
            await self.released.wait()

    def release(self) -> None:
        """Let them go on."""
        self.released.set()
