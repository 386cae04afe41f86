"""The composition root: builds the parts, joins them, and ends them in order. No behaviour.

The only place that knows which clock, randomness, store, transport and scheduler are the real ones.
What is heavy to load (the HTTP client, the scheduler) is loaded after the control API answers.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Callable, Sequence
from pathlib import Path

from onvio_agent import __version__
from onvio_agent.actions.desk import Desk
from onvio_agent.actions.manager import check_new_password, set_password
from onvio_agent.api.app import Access, build_api
from onvio_agent.api.serve import ApiServer, bind
from onvio_agent.chance import Streams, SystemEntropy, new_token
from onvio_agent.clock import Now, SystemClock
from onvio_agent.contract.status import API_VERSION, Role
from onvio_agent.errors import Refused
from onvio_agent.hub import Hub, Process
from onvio_agent.i18n import set_language
from onvio_agent.lock import ProfileLock
from onvio_agent.log import Log, Redactor, build_log
from onvio_agent.lookups import Lookups, still_looking
from onvio_agent.office.model import User
from onvio_agent.office.rules import check_new_user
from onvio_agent.onvio.errors import Target
from onvio_agent.onvio.gate import Gate
from onvio_agent.onvio.oauth import OAuth, issuer_of
from onvio_agent.onvio.transport import Request, Response, Transport
from onvio_agent.onvio.user_api import UserApi
from onvio_agent.runtime import Runtime, write_runtime
from onvio_agent.store.base import Retry
from onvio_agent.store.exec import ThreadExec
from onvio_agent.store.sqlite import SqliteStore, open_store
from onvio_agent.store.vault import Vault
from onvio_agent.supervise import Tasks
from onvio_agent.timer import ApsTimer
from onvio_agent.verdict.facts import Limits
from onvio_agent.watch.connection import ConnectionWatch
from onvio_agent.watch.expiry import ExpiryWatch
from onvio_agent.watch.housekeeping import Housekeeping
from onvio_agent.watch.journal import Journal
from onvio_agent.watch.links import LinksWatch
from onvio_agent.watch.promises import Promises, left_s
from onvio_config.model import Settings
from onvio_config.paths import Paths

GRACE_S = 1.5
"""What is under way at a stop may take this long: a refresh that is cut may cost a sign-in."""

_TARGETS: dict[str, Target] = {"api": "api", "auth": "auth"}
_LOCK_PATIENCE_S = 1.0  # a client that looks whether the lock is held holds it for an instant


def run_agent(settings: Settings, paths: Paths, *, stderr: bool = False) -> int:
    """Run in the foreground until stopped; 0 when it ended in order.

    Raises `Failed` (agent.already_running, agent.port_taken, store.*, settings.invalid).
    """
    code = asyncio.run(_run(settings, paths, stderr=stderr))
    if still_looking():
        os._exit(code)
    return code


def set_up(
    settings: Settings, paths: Paths, login: str, name: str, password: str, *, reset: bool = False
) -> None:
    """Add the Gerente with his password in this agent, or set a new one (`reset`).

    Works without a running agent and takes the profile's lock while it writes.
    """
    asyncio.run(_set_up(settings, paths, login, name, password, reset=reset))


class _LoadedLater:
    """A transport that is built at its first use."""

    def __init__(self, build: Callable[[], Transport]) -> None:
        self._build = build
        self._built: Transport | None = None

    async def send(self, request: Request, *, deadline_s: float) -> Response:
        if self._built is None:
            self._built = self._build()
        return await self._built.send(request, deadline_s=deadline_s)

    async def aclose(self) -> None:
        close = getattr(self._built, "aclose", None)
        if close is not None:
            await close()


def limits_of(settings: Settings) -> Limits:
    """The numbers that the verdicts need."""
    probe, links, retry = settings.probe, settings.links, settings.retry
    return Limits(
        probe_interval_s=probe.interval_s,
        connection_valid_s=max(probe.valid_min_s, 3 * probe.interval_s),
        failures_before_offline=probe.failures_before_offline,
        link_valid_s=links.valid_s,
        retry_first_s=retry.first_s,
        retry_max_s=retry.max_s,
    )


async def _run(settings: Settings, paths: Paths, *, stderr: bool) -> int:
    asyncio.get_running_loop().set_default_executor(Lookups())
    set_language(settings.ui.language)
    paths.ensure()
    lock = ProfileLock(paths.lock_path)
    lock.acquire(_LOCK_PATIENCE_S)
    try:
        listening = bind(settings.control.port)
        try:
            return await _serve(settings, paths, listening, stderr=stderr)
        finally:
            listening.close()
    finally:
        lock.release()


async def _serve(
    settings: Settings, paths: Paths, listening: socket.socket, *, stderr: bool
) -> int:
    clock = SystemClock()
    redactor = Redactor()
    log = build_log(
        paths.log_dir,
        settings.log.level,
        int(settings.log.max_mb * 1_000_000),
        settings.log.files,
        settings.log.days,
        clock=clock,
        stderr=stderr,
        redactor=redactor,
    )
    exec_ = ThreadExec()
    store = await open_store(_store_path(settings, paths), exec_, clock_wall=clock.wall)
    stopped = _stop_on_signals()
    agent = await _Agent.build(settings, paths, clock, log, exec_, store)
    redactor.register_secret(agent.access.token)
    server = ApiServer(build_api(agent.desk, agent.access, stopped.set), listening)
    await server.start()
    write_runtime(paths.runtime_path, agent.runtime(listening.getsockname()[1]))
    log.info("agent.started", version=__version__, pid=os.getpid(), boot_id=agent.access.boot_id)
    agent.start()
    await stopped.wait()
    log.info("agent.stopping")
    await server.stop()
    await agent.stop()
    with contextlib.suppress(OSError):
        paths.runtime_path.unlink()
    await store.close()
    await exec_.close()
    log.info("agent.stopped")
    return 0


class _Agent:
    """The parts of one run, joined."""

    def __init__(self, desk: Desk, access: Access, process: Process, timer: ApsTimer) -> None:
        self.desk = desk
        self.access = access
        self.process = process
        self.timer = timer
        self.journal = Journal(desk)
        self.transport: _LoadedLater | None = None
        self.watchers: list[ConnectionWatch | LinksWatch | ExpiryWatch | Housekeeping] = []

    @classmethod
    async def build(
        cls,
        settings: Settings,
        paths: Paths,
        clock: SystemClock,
        log: Log,
        exec_: ThreadExec,
        store: SqliteStore,
    ) -> _Agent:
        entropy = SystemEntropy()
        streams = Streams(int.from_bytes(entropy.random_bytes(8)))
        process = Process(
            version=__version__,
            pid=os.getpid(),
            boot_id=entropy.random_bytes(16).hex(),
            started_at=clock.wall(),
        )
        limits = limits_of(settings)
        hub = Hub(process, clock, limits, streams.named("verdict"), settings.workstation.user)
        tasks = Tasks(log, clock)
        kept = await store.retries()
        promises = Promises(store, tasks, log, clock, kept)
        transport = _LoadedLater(lambda: _transport(settings))
        gate = Gate(transport, clock=clock, on_hold=promises.hold)
        deadline_s = settings.links.deadline_s
        desk = Desk(
            settings=settings,
            clock=clock,
            entropy=entropy,
            store=store,
            exec_=exec_,
            vault=Vault(
                store,
                exec_,
                kind=settings.vault.kind,
                key_path=paths.key_path,
                random_bytes=entropy.random_bytes,
            ),
            oauth=OAuth(
                gate,
                client_id=settings.onvio.client_id,
                issuer=issuer_of(settings.onvio.auth_url),
                clock=clock,
                deadline_s=deadline_s,
            ),
            user_api=UserApi(
                gate,
                clock=clock,
                deadline_s=deadline_s,
                probe_deadline_s=settings.probe.deadline_s,
            ),
            hub=hub,
            limits=limits,
            tasks=tasks,
            log=log,
        )
        timer = ApsTimer(clock, asyncio.get_running_loop().call_later, tasks.spawn)
        agent = cls(desk, Access(new_token(entropy), process.boot_id), process, timer)
        agent.transport = transport
        agent.journal.start()
        alert = "store.corrupt" if await store.corrupt_at() is not None else None
        hub.load(await store.office(), await store.intent(), alert)
        _take_up(kept, hub, gate, clock.now())
        promises.follow(hub)
        agent.watchers = [
            ExpiryWatch(desk, timer),
            Housekeeping(desk, timer, streams.named("housekeeping")),
            LinksWatch(desk, timer, streams.named("links")),
            ConnectionWatch(desk, timer),
        ]
        return agent

    def runtime(self, port: int) -> Runtime:
        """How to reach this run."""
        return Runtime(
            pid=self.process.pid,
            port=port,
            api_version=API_VERSION,
            boot_id=self.process.boot_id,
            token=self.access.token,
        )

    def start(self) -> None:
        """Begin to watch."""
        for watcher in self.watchers:
            watcher.start()
        self.timer.start()

    async def stop(self) -> None:
        """End the watching, let what is under way finish within the grace, write what waits."""
        self.timer.stop()
        await self.desk.tasks.close(GRACE_S)
        await self.journal.flush()
        if self.transport is not None:
            await self.transport.aclose()


def _take_up(kept: Sequence[Retry], hub: Hub, gate: Gate, now: Now) -> None:
    """The waits that outlived the restart."""
    for retry in kept:
        target = _TARGETS.get(retry.key)
        if target is not None:
            gate.restore({target: retry.not_before})
        else:
            hub.restore(retry.key, retry.failures, now.mono + left_s(retry, now.wall))


def _transport(settings: Settings) -> Transport:
    from onvio_agent.onvio.httpx_transport import HttpxTransport  # 100 ms: after the API answers

    return HttpxTransport(
        api_url=settings.onvio.api_url,
        auth_url=settings.onvio.auth_url,
        ca_file=settings.tls.ca_file,
        version=__version__,
    )


def _stop_on_signals() -> asyncio.Event:
    """Set by SIGTERM or SIGINT; a second signal ends the process at once."""
    stopped = asyncio.Event()

    def on_signal(number: int) -> None:
        if stopped.is_set():
            os._exit(128 + number)
        stopped.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            asyncio.get_running_loop().add_signal_handler(number, on_signal, number)
        except NotImplementedError:  # Windows' event loop: the plain handler serves there
            signal.signal(number, lambda received, _frame: on_signal(received))
    return stopped


async def _set_up(
    settings: Settings, paths: Paths, login: str, name: str, password: str, *, reset: bool
) -> None:
    check_new_password(password)
    paths.ensure()
    lock = ProfileLock(paths.lock_path)
    lock.acquire(_LOCK_PATIENCE_S)
    exec_ = ThreadExec()
    try:
        clock = SystemClock()
        store = await open_store(_store_path(settings, paths), exec_, clock_wall=clock.wall)
        office = await store.office()
        manager = office.manager
        if reset:
            if manager is None:
                raise Refused("manager.missing")
        elif manager is not None:
            raise Refused("manager.exists", login=manager.login)
        else:
            check_new_user(office, login, name)
            user = User(id=0, login=login.strip(), name=name.strip(), role=Role.MANAGER)
            await store.add_user(user, at=clock.wall())
        await set_password(store, exec_, password)
        await store.acknowledge_corrupt()
        await store.close()
    finally:
        await exec_.close()
        lock.release()


def _store_path(settings: Settings, paths: Paths) -> Path:
    return Path(settings.store.path) if settings.store.path else paths.store_path
