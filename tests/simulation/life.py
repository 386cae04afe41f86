"""One seed's life: an office, its cloud, its workstation, and the agent that is killed and started.

The driver runs the agent's loop and lets things happen in between. The agent is the production code,
joined in `boot.py` as in production; see `machine.py` and `network.py` for what it stands on,
`people.py` for who uses it, and the packages of faults and invariants.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from onvio_agent.agent import Agent
from onvio_agent.onvio.transport import Request
from onvio_agent.simulator.model import Cloud
from onvio_agent.simulator.seed import read_seed
from onvio_agent.simulator.wire import CloudRequest
from onvio_agent.store.sqlite import SqliteStore
from onvio_agent.timer import WATCHDOG_S
from onvio_agent.world import Publication
from simulation.boot import SETTINGS, start_agent
from simulation.deliveries import Deliveries
from simulation.faults import sessions
from simulation.graves import Graves
from simulation.invariants import has
from simulation.kills import Kills
from simulation.loop import VirtualLoop
from simulation.machine import Disk, SimTimer
from simulation.network import Ledger, Wire
from simulation.office import office_seed
from simulation.plan import Plan, Violation
from simulation.universe import EPOCH, Universe
from support.folders import MemoryFolders

SAMPLE_S = 180.0
"""How often every icon is looked at whether or not anything happened."""
CALM_S = 3 * 3600.0
"""The end of a life without faults, in which everything must come right."""
_BEGAN = EPOCH.timestamp()


class Life:
    """See the module docstring. `run` lives it."""

    def __init__(self, plan: Plan) -> None:
        from simulation import browsers, faults, invariants, people
        from simulation.invariants import weather

        self.plan = plan
        self.universe = Universe(plan.seed, plan.salt)
        self.end_s = plan.hours * 3600.0
        self.cloud = Cloud(
            read_seed(office_seed(plan.users)),
            rng=self.universe.named("cloud"),
            now=lambda: _BEGAN + self.universe.true,
        )
        self.disk = Disk(self)
        self.wire = Wire()
        self.folders = MemoryFolders()
        self.deliveries = Deliveries(self)
        self.ledger = Ledger(self)
        self.wire.tell_route = partial(self.ledger.tell, "on_route")
        self.vault_locked = False
        self.violations: list[Violation] = []
        self.loop: VirtualLoop | None = None
        self.agent: Agent | None = None
        self.timer: SimTimer | None = None
        self.store: SqliteStore | None = None
        self.boots = self.handles = 0
        self.lie_s = 0.0
        self.is_calm = False
        self._graves = Graves()
        self._kills = Kills(plan, self.universe.named("kills"))
        self._is_set_up = self._is_buried = False
        self._fault_count = 0
        self.struck: list[int] = []  # the numbers of the faults that have happened
        self.settings = SETTINGS
        self.weather = weather.Weather()  # what several promises ask for
        self.invariants = [*(make() for make in invariants.ALL), self.weather]
        self.people = people.People(self)
        self.browsers = browsers.Browsers(self)
        self.icons_seen: Any = (0, 0.0, {})  # see invariants.icons_of
        self._samples = 0
        self._sampled = [each for each in self.invariants if has(each, "on_sample")]
        if plan.faults:
            for fault in faults.ALL:
                fault.plan(self)

    # -- for faults and people

    def happen(self, when: float, name: str, act: Callable[[], None]) -> None:
        """A fault: it has a number, and may be left out by the plan."""
        self._fault_count += 1
        number = self._fault_count
        wanted = self.plan.only is None or number in self.plan.only
        if wanted and when < self.end_s - CALM_S:
            self.universe.at(when, f"fault {number} {name}", lambda: self._strike(number, act))

    def _strike(self, number: int, act: Callable[[], None]) -> None:
        self.struck.append(number)
        act()

    @property
    def kills(self) -> int:
        """How often the agent was killed."""
        return self._kills.done

    @property
    def struck_kills(self) -> list[int]:
        """The numbers of the kill points that struck, in order."""
        return self._kills.struck

    @property
    def parts(self) -> int:
        """How many faults and kills there were."""
        return len(self.struck) + len(self.struck_kills)

    def kill_point(self, name: str, request: Request | CloudRequest | None = None) -> bool:
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
        if self._is_buried:
            return
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
            wait_s = self.universe.named("wake").random() * WATCHDOG_S
            self.loop.call_later(wait_s, self.timer.wake, seconds)

    # -- living

    def run(self, give_up_s: float | None = None) -> Life:
        """Live to the end, or to the first violation; `give_up_s`: no further than that."""
        self._last_s = self.end_s if give_up_s is None else min(give_up_s, self.end_s)
        with tempfile.TemporaryDirectory(prefix="life-", dir=memory_dir()) as folder:
            self.folder = Path(folder)
            try:
                self._live()
            finally:
                self._bury()
        return self

    def _live(self) -> None:
        self._boot()
        self.universe.at(self.end_s - CALM_S, "calm", self._calm_down)
        self.universe.at(SAMPLE_S, "", self._sample)
        self._drive()
        counts = f"{self.boots} boots, {self.handles} handles, {self.ledger.requests} requests"
        self.universe.note(f"over after {counts}")
        if not self._is_over() and self._last_s == self.end_s:
            for invariant in self.invariants:
                invariant.at_end(self)

    def _is_over(self) -> bool:
        return bool(self.violations) and self.plan.stop_at_first

    def _drive(self) -> None:
        """The agent's loop runs until something outside is due; that happens; and so on."""
        universe = self.universe
        while True:
            loop = self.loop
            if loop is not None:
                loop.run(self._last_s)
                self._listen_to(loop)
            if self._kills.asked is not None:
                self._kill()
            if self._is_over() or universe.next_at() > self._last_s:
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
        agent = await start_agent(self, number)
        agent.desk.hub.listen(self._published)
        await self.people.set_up(agent)
        agent.start()
        self.agent, self._is_set_up = agent, True
        self.universe.note(f"boot {number}")

    def _kill(self) -> None:
        self._kills.done += 1
        self.universe.note(f"KILL {self._kills.asked}")
        self.ledger.forget_unsaved()
        self._drop()
        self.universe.at(self.universe.true + self._kills.pause_s(), "start", self._boot)

    def stop_and_start(self, pause_s: float) -> None:
        """An orderly stop, as at the end of a session, and a start later."""
        agent, loop = self.agent, self.loop
        if agent is None or loop is None:
            return

        starts_at = self.universe.true + pause_s  # whenever the stop is over: the machine may sleep

        async def stop() -> None:
            await agent.stop()
            await agent.desk.store.close()
            self.universe.note("stopped")
            self.ledger.forget_unsaved()
            self._drop()
            self.universe.at(starts_at, "start", self._boot)

        loop.start_task(stop(), "stop")

    def _drop(self) -> None:
        """The process is gone. Its file handle only is closed: the operating system does that."""
        self.ledger.new_boot()
        if self.loop is not None:
            self.handles += self.loop.handles
            self._graves.lay(self.loop, self.agent, self.timer, self.store)
        if self.store is not None:
            self.store._database._connection.close()
        self.loop = self.agent = self.timer = self.store = None
        self.wire.on_route = None
        self._kills.asked = None

    def _calm_down(self) -> None:
        self.is_calm = True
        self.wire.set("ok")
        self.wire.slow(0.0)
        self.disk.is_full, self.disk.slow_s, self.vault_locked = False, 0.0, False
        self.universe.wall_drift = 0.0
        self.cloud.clear_faults()
        sessions.end_no_more(self)
        self.deliveries.calm_down()
        self.people.make_whole()

    def _published(self, publication: Publication) -> None:
        news = publication.users or publication.changes
        self.ledger.tell("on_publication" if news else "on_renewal", publication)

    def _sample(self) -> None:
        self._samples += 1
        if self.agent is not None:
            for invariant in self._sampled:
                if self._samples % invariant.sampled_each == 0:
                    invariant.on_sample(self, SAMPLE_S * invariant.sampled_each)
        self.universe.at(self.universe.true + SAMPLE_S, "", self._sample)

    def _bury(self) -> None:
        self._is_buried = True
        self.universe.close()
        self._drop()
        self._graves.clear()


def memory_dir() -> str | None:
    """Where a life's disk lies: in memory, where the system has such a place."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None
