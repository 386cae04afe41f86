"""The composition root: the real machine under one run of the agent (`agent.py`). No behaviour.

The only place that knows which clock, randomness, store, transport and scheduler are the real ones.
What is heavy to load (the HTTP client, the scheduler) is loaded once the control API answers.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib
import os
import signal
import socket
from collections.abc import Callable

from onvio_agent import __version__
from onvio_agent.actions import set_up as set_up_action
from onvio_agent.actions.vault import told_to
from onvio_agent.agent import Machine, assemble
from onvio_agent.api.app import Access, build_api
from onvio_agent.api.landing import LoopbackLandings
from onvio_agent.api.serve import ApiServer, bind
from onvio_agent.chance import Streams, SystemEntropy, new_token
from onvio_agent.clock import SystemClock
from onvio_agent.contract.status import API_VERSION
from onvio_agent.i18n import set_language
from onvio_agent.lock import ProfileLock
from onvio_agent.log import JOURNAL_PATH, Log, Redactor, build_log
from onvio_agent.lookups import Lookups, still_looking
from onvio_agent.onvio.late import LoadedLater
from onvio_agent.onvio.proxies import is_loopback, refuse_unusable
from onvio_agent.onvio.transport import Network
from onvio_agent.panel.door import open_panel
from onvio_agent.panel.workstation import workstation_of
from onvio_agent.routes import RouteSigns
from onvio_agent.runtime import Runtime, write_runtime
from onvio_agent.service import Service
from onvio_agent.sleeps import logind_of
from onvio_agent.store.exec import ThreadExec
from onvio_agent.store.failures import from_os
from onvio_agent.store.sqlite import SqliteStore, open_store
from onvio_agent.store.vault import Vault, in_use_path
from onvio_agent.sync.disk import DiskFolders
from onvio_agent.timer import ApsTimer
from onvio_agent.watch.network import NoSigns
from onvio_agent.windows_signs import address_changes, power_notices
from onvio_agent.world import Process
from onvio_config.load import Loaded
from onvio_config.model import Settings
from onvio_config.paths import Paths

_LOADED_LATE = ("apscheduler.schedulers.asyncio", "httpx", "httpcore")
_BREATH_S = 0.002
"""Between two loads of some 20 ms each: enough for the loop to answer whoever asks meanwhile."""

_LOCK_PATIENCE_S = 1.0  # a client that looks whether the lock is held holds it for an instant


def run_agent(
    settings: Settings,
    paths: Paths,
    load: Callable[[], Loaded],
    service: Service,
    *,
    stderr: bool = False,
) -> int:
    """Run in the foreground until stopped; 0 when it ended in order. `load`: the settings anew.

    Raises `Failed` (agent.already_running, agent.port_taken, store.*, settings.invalid).
    """
    refuse_unusable(settings)
    if settings.tls.ca_file:  # else nothing of TLS is loaded before it is needed
        from onvio_agent.onvio.tls import Trust

        Trust(settings.tls.ca_file)
    code = asyncio.run(_run(settings, paths, load, service, stderr=stderr))
    if still_looking():
        os._exit(code)
    return code


def set_up(
    settings: Settings,
    paths: Paths,
    login: str,
    name: str,
    password: str | None,
    *,
    reset: bool = False,
) -> None:
    """Add the Gerente with his password in this agent, or set a new one (`reset`).

    Works without a running agent and takes the profile's lock while it writes. Without a password
    it only refuses what would be refused with any.
    """
    asyncio.run(_set_up(settings, paths, login, name, password, reset=reset))


async def _run(
    settings: Settings,
    paths: Paths,
    load: Callable[[], Loaded],
    service: Service,
    *,
    stderr: bool,
) -> int:
    asyncio.get_running_loop().set_default_executor(Lookups())
    set_language(settings.ui.language)
    paths.ensure()
    lock = ProfileLock(paths.lock_path)
    lock.acquire(_LOCK_PATIENCE_S)
    try:
        listening = bind(settings.control.port)
        try:
            return await _serve(settings, paths, load, listening, service, stderr=stderr)
        finally:
            listening.close()
    finally:
        lock.release()


async def _serve(
    settings: Settings,
    paths: Paths,
    load: Callable[[], Loaded],
    listening: socket.socket,
    service: Service,
    *,
    stderr: bool,
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
        journal_path=JOURNAL_PATH if settings.log.journal else None,
        redactor=redactor,
    )
    exec_ = ThreadExec()
    store = await open_store(paths.store_of(settings.store.path), exec_, clock_wall=clock.wall)
    stopped = _stop_on_signals()
    machine = machine_of(settings, paths, clock, exec_, store, log)
    agent = await assemble(settings, machine, process_of(machine))
    runtime = _runtime(agent.process, listening.getsockname()[1], new_token(machine.entropy))
    redactor.register_secret(runtime.token)
    access = Access(runtime.token, runtime.boot_id)
    api = build_api(agent.desk, access, stopped.set)
    aside = ThreadExec("aside")
    open_panel(api, workstation_of(settings, paths, load, aside))
    server = ApiServer(api, listening)
    await server.start()
    try:
        write_runtime(paths.runtime_path, runtime)
    except OSError as error:
        raise from_os(error, paths.runtime_path) from error
    log.info("agent.started", version=__version__, pid=runtime.pid, boot_id=runtime.boot_id)
    service.ready(asyncio.get_running_loop().call_later)
    await _load_the_rest()
    agent.start()
    await stopped.wait()
    log.info("agent.stopping")
    service.stopping()
    await server.stop()
    await agent.stop()
    with contextlib.suppress(OSError):
        paths.runtime_path.unlink()
    await store.close()
    await aside.close()
    await exec_.close()
    log.info("agent.stopped")
    return 0


async def _load_the_rest() -> None:
    """In steps: clients that have seen the address are answered between them."""
    for name in _LOADED_LATE:
        await asyncio.sleep(_BREATH_S)
        importlib.import_module(name)
    await asyncio.sleep(_BREATH_S)
    gc.enable()
    gc.collect()
    gc.freeze()  # what is loaded now stays to the end: no later collection walks through it


def _transport(settings: Settings, *, updates: bool = False) -> Network:
    from onvio_agent.onvio.httpx_transport import transport_of, updates_of  # see _LOADED_LATE

    return updates_of(settings) if updates else transport_of(settings)


async def _explained(reason: str, settings: Settings, clock: SystemClock) -> str:
    from onvio_agent.diagnose import explained  # loaded at the first trouble

    return await explained(reason, settings, clock)


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


def machine_of(
    settings: Settings,
    paths: Paths,
    clock: SystemClock,
    exec_: ThreadExec,
    store: SqliteStore,
    log: Log,
) -> Machine:
    """The real machine under one run, inside the running event loop."""
    entropy = SystemEntropy()
    return Machine(
        clock=clock,
        entropy=entropy,
        streams=Streams(int.from_bytes(entropy.random_bytes(8))),
        exec_=exec_,
        store=store,
        vault=Vault(
            store,
            exec_,
            kind=settings.vault.kind,
            key_path=paths.key_path,
            random_bytes=entropy.random_bytes,
            tell=told_to(log, in_use_path(paths.key_path)),
        ),
        network=LoadedLater(lambda: _transport(settings)),
        folders=DiskFolders(paths.folders),
        timer_of=lambda tasks: ApsTimer(clock, asyncio.get_running_loop().call_later, tasks.spawn),
        log=log,
        signs=NoSigns() if is_loopback(settings.onvio.api_url) else RouteSigns(address_changes()),
        sleeps=power_notices(clock.mono) or logind_of(os.environ, clock.mono),
        explain=lambda reason: _explained(reason, settings, clock),
        landings=LoopbackLandings(log, clock),
        updates=LoadedLater(lambda: _transport(settings, updates=True))
        if settings.update.url
        else None,
    )


def process_of(machine: Machine) -> Process:
    """This process, as snapshots name it."""
    return Process(
        version=__version__,
        pid=os.getpid(),
        boot_id=machine.entropy.random_bytes(16).hex(),
        started_at=machine.clock.wall(),
        panel=True,
    )


def _runtime(process: Process, port: int, token: str) -> Runtime:
    return Runtime(
        pid=process.pid, port=port, api_version=API_VERSION, boot_id=process.boot_id, token=token
    )


async def _set_up(
    settings: Settings, paths: Paths, login: str, name: str, password: str | None, *, reset: bool
) -> None:
    paths.ensure()
    lock = ProfileLock(paths.lock_path)
    lock.acquire(_LOCK_PATIENCE_S)
    exec_ = ThreadExec()
    try:
        clock = SystemClock()
        store = await open_store(paths.store_of(settings.store.path), exec_, clock_wall=clock.wall)
        await set_up_action.check_set_up(store, login, name, reset=reset)
        if password is not None and reset:
            await set_up_action.reset_password(store, exec_, password)
        elif password is not None:
            await set_up_action.set_up(store, exec_, clock, login, name, password)
        await store.close()
    finally:
        await exec_.close()
        lock.release()
