"""Watches what an agent shows, and holds it against what ONVIO really answered.

Why: "the icon never lies" is judged from outside: samples of the published status on one side, the
journal of the simulated ONVIO on the other. Both carry this machine's wall time.
It must not ask the agent why.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

from onvio_agent.client import Agent
from onvio_agent.contract.status import ConnectionState, IconState, LinkState, Role, Snapshot
from onvio_agent.errors import AgentError
from support.office import Profile
from support.sim import Simulator

Journal = Sequence[dict[str, Any]]

PROBE_PATH = "/health"
USERINFO_PATH = "/userinfo"
CLIENT_INFO_PATH = "/dominio/integration/v2/client/info"
_PERIOD_S = 0.04
_CUT_S = 0.001  # the journal's times are cut to milliseconds


class Sample(NamedTuple):
    """One look: the wall times (epoch s) just before the agent was asked and just after it told."""

    asked_at: float
    told_at: float
    snapshot: Snapshot

    def icon(self, login: str) -> tuple[str, str | None]:
        """State and reason of that user's icon."""
        shown = next(user.icon for user in self.snapshot.users if user.login == login)
        return str(shown.state), shown.reason


class Witness:
    """Takes samples in the background between `watching`'s beginning and its end."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._ended = threading.Event()
        self.samples: list[Sample] = []
        self.failures: list[BaseException] = []

    def since(self, asked_at: float) -> list[Sample]:
        """The samples asked for at or after that wall time."""
        return [sample for sample in list(self.samples) if sample.asked_at >= asked_at]

    def _look(self) -> None:
        agent: Agent | None = None
        while not self._ended.wait(_PERIOD_S):
            try:
                agent = agent or Agent.connect(self._profile.paths, 1)
                asked_at = time.time()
                snapshot = agent.status()
                self.samples.append(Sample(asked_at, time.time(), snapshot))
            except AgentError:  # it is being started or has just been killed
                agent = None
            except BaseException as failure:
                self.failures.append(failure)
                return

    @contextmanager
    def watching(self) -> Iterator[Witness]:
        """Sample until the end of the block."""
        thread = threading.Thread(target=self._look, name="witness")
        thread.start()
        try:
            yield self
        finally:
            self._ended.set()
            thread.join(10)
        assert not self.failures, self.failures
        assert not thread.is_alive()


def acted_at(entry: dict[str, Any]) -> float:
    """When ONVIO acted on that request: wall time, epoch s, late by at most a millisecond."""
    return datetime.fromisoformat(entry["at"]).timestamp() + _CUT_S


class Truth:
    """When ONVIO last confirmed the connection and each link, by its journal.

    `valid_s`: for how long a success holds, the connection's and a link's. An answer that was
    spoiled on its way is no success; latency faults must be longer than every deadline here, so
    that no late answer looks like one.
    """

    def __init__(self, journal: Journal, *, connection_valid_s: float, link_valid_s: float) -> None:
        self._connection_valid_s = connection_valid_s
        self._link_valid_s = link_valid_s
        good = [entry for entry in journal if entry["status"] == 200 and entry["fault"] is None]
        self._probes = [acted_at(e) for e in good if e["path"] in (PROBE_PATH, CLIENT_INFO_PATH)]
        self._standard: dict[str, list[tuple[float, float]]] = {}
        self._manager: dict[str, list[tuple[float, float]]] = {}
        asked: dict[str, float] = {}
        for entry in good:
            account, at = entry["account"], acted_at(entry)
            if entry["path"] == USERINFO_PATH:
                asked[account] = at
                self._standard.setdefault(account, []).append((at, at))
            elif entry["path"] == CLIENT_INFO_PATH and account in asked:
                # The Gerente's check ends here, and counts from its first request.
                self._manager.setdefault(account, []).append((at, asked[account]))

    def check(self, samples: Sequence[Sample]) -> int:
        """Fails on the first green that nothing stands behind. Returns how many were green."""
        green = 0
        for sample in samples:
            for user in sample.snapshot.users:
                if user.icon.state is IconState.GREEN:
                    self._check(sample, user)
                    green += 1
        return green

    def _check(self, sample: Sample, user: Any) -> None:
        connection, link = sample.snapshot.connection, user.link
        assert connection.state is ConnectionState.ONLINE, sample
        assert link.state is LinkState.VALID, sample
        assert (connection.ttl_s or 0) > 0, sample
        assert (link.ttl_s or 0) > 0, sample
        # The answer came after the request was sent, so what holds for it holds all the more.
        proven = max((at for at in self._probes if at <= sample.told_at + _CUT_S), default=None)
        assert proven is not None, f"no probe was ever answered: {sample}"
        assert sample.asked_at - proven < self._connection_valid_s, sample
        table = self._manager if user.role is Role.MANAGER else self._standard
        ends = table.get(user.onvio_email, [])
        sent = max((sent for end, sent in ends if end <= sample.told_at + _CUT_S), default=None)
        assert sent is not None, f"{user.login} was never confirmed: {sample}"
        assert sample.asked_at - sent < self._link_valid_s, (user.login, sample)


def truth_of(simulator: Simulator, *, connection_valid_s: float, link_valid_s: float) -> Truth:
    """What the simulator's journal says by now."""
    return Truth(
        simulator.journal(), connection_valid_s=connection_valid_s, link_valid_s=link_valid_s
    )
