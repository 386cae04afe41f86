"""One run of the agent: the parts joined, on whatever machine is given. No behaviour of its own.

`app.py` gives it the real machine; a simulation gives virtual time, seeded chance and a cloud in the
same process. So nothing here may know threads, sockets, signals or files.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Protocol

import msgspec

from onvio_agent.actions.desk import Desk, Explain, Vault, as_it_is
from onvio_agent.actions.dialogue import cancel_all
from onvio_agent.actions.intent import kept_intent
from onvio_agent.actions.landing import Landings, NoLandings
from onvio_agent.chance import Entropy, Streams
from onvio_agent.clock import Clock, Now
from onvio_agent.hub import Hub
from onvio_agent.log import Log
from onvio_agent.onvio.errors import Target
from onvio_agent.onvio.gate import Gate, Onlooker
from onvio_agent.onvio.integration_api import IntegrationApi
from onvio_agent.onvio.oauth import OAuth, issuer_of
from onvio_agent.onvio.transport import Network, Transport
from onvio_agent.onvio.user_api import UserApi
from onvio_agent.store.base import Exec, Retry, Store
from onvio_agent.store.waits import left_s
from onvio_agent.supervise import Tasks
from onvio_agent.sync.parts import Folders
from onvio_agent.sync.parts import Parts as SyncParts
from onvio_agent.sync.service import Sync
from onvio_agent.timer import Timer
from onvio_agent.verdict.facts import Limits
from onvio_agent.watch.again import surviving
from onvio_agent.watch.connection import ConnectionWatch
from onvio_agent.watch.dialogues import DialoguesWatch
from onvio_agent.watch.expiry import ExpiryWatch
from onvio_agent.watch.housekeeping import Housekeeping
from onvio_agent.watch.journal import Journal
from onvio_agent.watch.links import LinksWatch
from onvio_agent.watch.network import NetworkWatch, NoSigns, NoSleeps, Signs, Sleeps
from onvio_agent.watch.promises import Promises
from onvio_agent.watch.updates import UpdateWatch
from onvio_agent.world import Process
from onvio_config.model import Settings

GRACE_S = 1.5
"""What is under way at a stop may take this long: a refresh that is cut may cost a sign-in."""

_TARGETS: dict[str, Target] = {"api": "api", "auth": "auth"}


class Watcher(Protocol):
    """Brings facts in, or has done what is due."""

    def start(self) -> None:
        """Begin."""


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """What a run stands on. `timer_of` builds the timer, given where its ticks are to be spawned;
    `updates` leads to the administrator's address for new versions, where there is one."""

    clock: Clock
    entropy: Entropy
    streams: Streams
    exec_: Exec
    store: Store
    vault: Vault
    network: Network
    folders: Folders
    timer_of: Callable[[Tasks], Timer]
    log: Log
    explain: Explain = as_it_is
    signs: Signs = NoSigns()
    sleeps: Sleeps = NoSleeps()
    landings: Landings = NoLandings()
    updates: Network | None = None


class Agent:
    """Assembled by `assemble`; `start` begins to watch, `stop` ends it in order."""

    def __init__(
        self, desk: Desk, timer: Timer, journal: Journal, machine: Machine, process: Process
    ) -> None:
        self.desk = desk
        self._machine = machine
        self.process = process
        self._timer = timer
        self._journal = journal
        self._watchers: list[Watcher] = []

    def watch(self, *watchers: Watcher) -> None:
        """Have these started with the agent."""
        self._watchers.extend(watchers)

    def start(self) -> None:
        """Begin to watch."""
        for watcher in self._watchers:
            watcher.start()
        self._timer.start()

    async def stop(self) -> None:
        """End the watching, let what is under way finish within the grace, write what waits."""
        self._timer.stop()
        self._machine.signs.close()
        self._machine.sleeps.close()
        cancel_all(self.desk)
        await self.desk.tasks.close(GRACE_S)
        await self.desk.vault.keep()
        await self._journal.close()
        await self._machine.network.aclose()
        if self._machine.updates is not None:
            await self._machine.updates.aclose()


async def assemble(settings: Settings, machine: Machine, process: Process) -> Agent:
    """The parts of one run, with what the store holds. Raises `StoreFailed`."""
    clock, store, streams, log = machine.clock, machine.store, machine.streams, machine.log
    limits = limits_of(settings)
    hub = Hub(process, clock, limits, streams.named("verdict"), settings.workstation.user, log)
    tasks = Tasks(log)
    kept = await store.retries()
    promises = Promises(store, tasks, log, clock, kept)
    gate = Gate(machine.network, clock=clock, on_hold=promises.hold)
    oauth, user_api = _cloud(settings, gate, clock)
    desk = Desk(
        settings=settings,
        clock=clock,
        entropy=machine.entropy,
        store=store,
        exec_=machine.exec_,
        vault=machine.vault,
        oauth=oauth,
        user_api=user_api,
        hub=hub,
        limits=limits,
        tasks=tasks,
        log=log,
        explain=machine.explain,
        landings=machine.landings,
    )
    timer = machine.timer_of(tasks)
    desk.holds = gate.holds
    sync = desk.sync = _sync(desk, machine, timer, gate)
    journal = Journal(desk)
    journal.start()
    alert = "store.corrupt" if await store.corrupt_at() is not None else None
    hub.load(await store.office(), await kept_intent(store, clock), alert)
    _take_up(kept, hub, gate, clock.now())
    promises.follow(hub)
    await sync.load()
    agent = Agent(desk, timer, journal, machine, process)
    agent.watch(
        ExpiryWatch(desk, timer),
        Housekeeping(desk, timer, streams.named("housekeeping")),
        LinksWatch(desk, timer, streams.named("links")),
        DialoguesWatch(desk, timer),
        ConnectionWatch(desk, timer),
        UpdateWatch(desk, timer, machine.updates),
        NetworkWatch(desk, timer, machine.signs, machine.network, machine.sleeps),
        sync,
    )
    return agent


def limits_of(settings: Settings) -> Limits:
    """The numbers that the verdicts need."""
    probe, links, retry = settings.probe, settings.links, settings.retry
    return Limits(
        probe_interval_s=probe.interval_s,
        connection_valid_s=max(probe.valid_min_s, 3 * probe.interval_s),
        failures_before_offline=probe.failures_before_offline,
        link_valid_s=links.valid_s,
        session_warning_s=links.session_warning_s,
        retry_first_s=retry.first_s,
        retry_max_s=retry.max_s,
    )


def _cloud(settings: Settings, transport: Transport, clock: Clock) -> tuple[OAuth, UserApi]:
    deadline_s = settings.links.deadline_s
    oauth = OAuth(
        transport,
        client_id=settings.onvio.client_id,
        issuer=issuer_of(settings.onvio.auth_url),
        clock=clock,
        deadline_s=deadline_s,
    )
    user_api = UserApi(
        transport,
        clock=clock,
        deadline_s=deadline_s,
        probe_deadline_s=settings.probe.deadline_s,
    )
    return oauth, user_api


def _sync(desk: Desk, machine: Machine, timer: Timer, gate: Gate) -> Sync:
    """The delivery keeps the gate's silences; what is refused to it alone pauses nobody else."""
    deadline_s = desk.settings.sync.deadline_s
    transport = Onlooker(gate, machine.network, clock=machine.clock)
    parts = SyncParts(
        settings=desk.settings,
        clock=machine.clock,
        entropy=machine.entropy,
        rng=machine.streams.named("sync"),
        main_store=machine.store,
        exec_=machine.exec_,
        vault=machine.vault,
        folders=machine.folders,
        api=IntegrationApi(transport, deadline_s=deadline_s),
        hub=desk.hub,
        tasks=desk.tasks,
        log=desk.log,
    )
    return Sync(parts, timer, transport, lambda name, tick: surviving(desk, timer, name, tick))


def _take_up(kept: Sequence[Retry], hub: Hub, gate: Gate, now: Now) -> None:
    """The waits that outlived the restart."""
    for retry in kept:
        target = _TARGETS.get(retry.key)
        wait_s = left_s(retry, now)
        if target is not None:
            gate.restore({target: now.wall + timedelta(seconds=wait_s)})
        else:
            hub.restore(retry.key, retry.failures, retry.reason, now.mono + wait_s)
