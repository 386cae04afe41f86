"""One seed's life: an office, its cloud, its workstation, and the agent that is killed and started.

The driver runs the agent's loop one handle at a time and lets things happen in between. The agent is
the production code, assembled as in production; see `machine.py` and `network.py` for what it stands
on, `people.py` for who uses it, and the packages of faults and invariants.
"""

from __future__ import annotations

import asyncio
import gc
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from onvio_agent.agent import Agent, Machine, assemble
from onvio_agent.chance import Streams
from onvio_agent.onvio.transport import Request
from onvio_agent.simulator.model import Cloud
from onvio_agent.simulator.seed import read_seed
from onvio_agent.store.sqlite import open_store
from onvio_agent.timer import Timer
from onvio_agent.world import Process, Publication
from onvio_config.model import Onvio, Settings
from onvio_config.model import Vault as VaultSettings
from simulation.kills import Kills
from simulation.loop import VirtualLoop
from simulation.machine import Disk, SimExec, SimLog, SimStore, SimTimer, SimVault
from simulation.network import DirectNetwork, Ledger, Wire
from simulation.plan import Plan, Violation
from simulation.universe import EPOCH, SimClock, SimEntropy, Universe

AUTH_URL = "https://auth.simulation.example"
CLIENT_ID = "simulation"
SAMPLE_S = 60.0
"""How often every icon is looked at whether or not anything happened."""
CALM_S = 3 * 3600.0
"""The end of a life without faults, in which everything must come right."""


class Life:
    """See the module docstring. `run` lives it."""

    def __init__(self, plan: Plan) -> None:
        from simulation import faults, invariants, people

        self.plan = plan
        self.universe = Universe(plan.seed)
        self.end_s = plan.hours * 3600.0
        self.folder = Path(tempfile.mkdtemp(prefix="life-", dir=_memory_dir()))
        self.cloud = Cloud(
            read_seed(msgspec.json.encode(_office(plan.users))),
            rng=self.universe.named("cloud"),
            now=lambda: EPOCH.timestamp() + self.universe.true,
        )
        self.disk = Disk(self)
        self.wire = Wire()
        self.ledger = Ledger(self)
        self.vault_locked = False
        self.violations: list[Violation] = []
        self.loop: VirtualLoop | None = None
        self.agent: Agent | None = None
        self.timer: SimTimer | None = None
        self.boots = self.handles = 0
        self.lie_s = 0.0
        self.is_calm = False
        self._dead: list[Any] = []
        self._kills = Kills(plan, self.universe.named("kills"))
        self._is_set_up = False
        self._fault_count = 0
        self.settings = Settings(
            onvio=Onvio(client_id=CLIENT_ID, auth_url=AUTH_URL), vault=VaultSettings(kind="file")
        )
        self.invariants = [make() for make in invariants.ALL]
        self.people = people.People(self)
        if plan.faults:
            for fault in faults.ALL:
                fault.plan(self)

    # -- for faults and people

    def happen(self, when: float, name: str, act: Callable[[], None]) -> None:
        """A fault: it has a number, and does not happen where the plan skips it."""
        self._fault_count += 1
        number = self._fault_count
        if number not in self.plan.skip and when < self.end_s - CALM_S:
            self.universe.at(when, f"fault {number} {name}", act)

    @property
    def faults_planned(self) -> int:
        """How many faults this life has."""
        return self._fault_count

    @property
    def kills(self) -> int:
        """How often the agent was killed."""
        return self._kills.done

    def kill_point(self, name: str, request: Request | None = None) -> bool:
        """Whether the process is killed right here; whoever asks must then do nothing more."""
        if self._kills.asked is not None:
            return True
        if not self.plan.kills or self.is_calm or not self._is_set_up or self.loop is None:
            return False
        if request is not None and request.path == "/oauth/token":
            name = name.replace("answer", "token")
        if not self._kills.strikes(name):
            return False
        self.loop.halt = True
        return True

    def ask_kill(self, why: str) -> None:
        """Have the process killed before its next step."""
        if self.loop is not None and self._kills.asked is None:
            self._kills.asked = why
            self.loop.halt = True

    def do(self, name: str, work: Any) -> None:
        """Have a coroutine of the agent run in its loop; `work` is closed where there is none."""
        if self.loop is None or self.agent is None:
            work.close()
            return
        self.loop.start_task(work, name)

    def violate(self, invariant: str, detail: str) -> None:
        """A promise is broken."""
        self.universe.note(f"VIOLATION {invariant}: {detail}")
        if self.loop is not None and self.plan.stop_at_first:
            self.loop.halt = True
        if len(self.violations) < 20:
            self.violations.append(Violation(invariant, detail, self.universe.true))

    def suspend(self, seconds: float) -> None:
        """The workstation sleeps; its watchdog looks again soon after it wakes."""
        self.universe.true += seconds
        self.universe.suspended += seconds
        if self.loop is not None and self.timer is not None:
            self.loop.call_later(self.universe.named("wake").random() * 15.0, self.timer.wake)

    # -- living

    def run(self) -> Life:
        """Live to the end, or to the first violation."""
        try:
            self._boot()
            self.universe.at(self.end_s - CALM_S, "calm", self._calm_down)
            self.universe.at(SAMPLE_S, "", self._sample)
            self._drive()
            if not self._is_over():
                for invariant in self.invariants:
                    invariant.at_end(self)
        finally:
            self._bury()
        return self

    def _is_over(self) -> bool:
        return bool(self.violations) and self.plan.stop_at_first

    def _drive(self) -> None:
        """The agent's loop runs until something outside is due; that happens; and so on."""
        universe = self.universe
        while True:
            loop = self.loop
            if loop is not None:
                loop.run(self.end_s)
                self._listen_to(loop)
            if self._kills.asked is not None:
                self._kill()
            if self._is_over() or universe.next_at() > self.end_s:
                return
            if self.loop is loop:  # else a new process may have something to do first
                universe.fire()

    def _listen_to(self, loop: VirtualLoop) -> None:
        if loop.spins:
            self.violate("spin", "the agent is busy without time passing")
        if loop.complaints:
            self.violate("crash", repr(loop.complaints[0].get("exception")))
            loop.complaints.clear()
            loop.halt = self._kills.asked is not None

    def _boot(self) -> None:
        self.boots += 1
        self.ledger.new_boot()
        self._kills.asked = None
        self.loop = VirtualLoop(self.universe)
        self.loop.start_task(self._start(self.boots), "boot")

    async def _start(self, number: int) -> None:
        exec_ = SimExec(self)
        clock = SimClock(self.universe)
        entropy = SimEntropy(self.universe.named(f"entropy-{number}"))
        store = await open_store(self.folder / "agent.db", exec_, clock_wall=clock.wall)
        store.__class__ = SimStore
        store.life = self  # type: ignore[attr-defined]
        vault = SimVault(
            store,
            exec_,
            kind="file",
            key_path=self.folder / "vault.key",
            random_bytes=entropy.random_bytes,
        )
        vault.life = self
        machine = Machine(
            clock=clock,
            entropy=entropy,
            streams=Streams(self.plan.seed * 100_003 + number),
            exec_=exec_,
            store=store,
            vault=vault,
            network=self._network(),
            timer_of=self._timer_of,
            log=SimLog(self),  # type: ignore[arg-type]
        )
        process = Process(version="sim", pid=number, boot_id=str(number), started_at=clock.wall())
        agent = await assemble(self.settings, machine, process)
        agent.desk.hub.listen(self._published)
        await self.people.set_up(agent)
        agent.start()
        self.agent, self._is_set_up = agent, True
        self.universe.note(f"boot {number}")

    def _network(self) -> Any:
        return DirectNetwork(self)

    def _timer_of(self, tasks: Any) -> Timer:
        self.timer = SimTimer(self, tasks)
        return self.timer

    def _kill(self) -> None:
        self._kills.done += 1
        self.universe.note(f"KILL {self._kills.asked}")
        for target, (_until, safe, since) in list(self.ledger.held_until.items()):
            if self.universe.true < safe or self.disk.full_at >= since:
                del self.ledger.held_until[target]  # it may never have reached the disk
        self._drop()
        self.universe.at(self.universe.true + self._kills.pause_s(), "start", self._boot)

    def stop_and_start(self, pause_s: float) -> None:
        """An orderly stop, as at the end of a session, and a start later."""
        agent, loop = self.agent, self.loop
        if agent is None or loop is None:
            return

        async def stop() -> None:
            await agent.stop()
            await agent.desk.store.close()
            self._stopped_at(pause_s)

        loop.start_task(stop(), "stop")

    def _stopped_at(self, pause_s: float) -> None:
        self.universe.note("stopped")
        self._drop()
        self.universe.at(self.universe.true + pause_s, "start", self._boot)

    def _drop(self) -> None:
        """The process is gone. Kept unreachable for its loop, so that nothing of it runs again."""
        self.ledger.new_boot()
        self._dead.append((self.loop, self.agent, self.timer))
        if self.loop is not None:
            self.loop.halt = True
            self.handles += self.loop.handles
        if self.agent is not None:  # its file handle only: the operating system closes it
            self.agent.desk.store._database._connection.close()  # type: ignore[attr-defined]
        self.loop = self.agent = self.timer = None
        self._kills.asked = None

    def _calm_down(self) -> None:
        self.is_calm = True
        self.wire.set("ok")
        self.wire.slow(0.0)
        self.disk.is_full, self.disk.slow_s, self.vault_locked = False, 0.0, False
        self.universe.wall_drift = 0.0
        self.cloud.clear_faults()
        self.people.make_whole()

    def _published(self, publication: Publication) -> None:
        for invariant in self.invariants:
            invariant.on_publication(self, publication)

    def _sample(self) -> None:
        if self.agent is not None:
            for invariant in self.invariants:
                invariant.on_sample(self, SAMPLE_S)
        self.universe.at(self.universe.true + SAMPLE_S, "", self._sample)

    def _bury(self) -> None:
        if self.loop is not None:
            self._drop()
        self._silence()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _silence(self) -> None:
        """Drop killed processes without letting their coroutines run an end."""
        for loop, _agent, _timer in self._dead:
            for task in asyncio.all_tasks(loop) if loop is not None else ():
                task._log_destroy_pending = False  # type: ignore[attr-defined]
        self._dead.clear()
        gc.collect()


def _office(users: int) -> dict[str, Any]:
    accounts = [
        {
            "email": f"p{number}@escritorio.example",
            "password": f"senha-{number}",
            "name": f"Pessoa {number}",
            "role": "administrator" if number == 0 else "staff",
        }
        for number in range(users + 1)
    ]
    return {
        "office": {"cnpj": "11222333000181", "name": "Escritório"},
        "accounts": accounts,
        "client_id": CLIENT_ID,
    }


def _memory_dir() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None
