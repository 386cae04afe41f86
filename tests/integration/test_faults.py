"""Every fault of ONVIO, on each of its servers, at the agent's start and while it is green.

The agent is a real process, sampled throughout: nothing is green without an answer of ONVIO's that
is young enough, what is shown names the fault, no link is lost, and green comes back by itself.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from onvio_agent.simulator.faults import KINDS
from support.campaign import Tell, running_office
from support.office import EMAILS, MANAGER, Profile
from support.sim import Simulator
from support.witness import Sample, Witness, truth_of

CONNECTION_VALID_S = 1.2
LINK_VALID_S = 2.0
SETTINGS = {
    "PROBE__INTERVAL_S": 0.3,
    "PROBE__VALID_MIN_S": CONNECTION_VALID_S,
    "LINKS__INTERVAL_S": 0.5,
    "LINKS__VALID_S": LINK_VALID_S,
    "LINKS__REFRESH_AFTER_S": 1,  # so that refreshes meet the fault as well
    "RETRY__FIRST_S": 0.1,
    "RETRY__MAX_S": 1,
}
IMPATIENT = {"PROBE__DEADLINE_S": 0.5, "LINKS__DEADLINE_S": 0.8}
"""For what never answers: elsewhere a slow machine would be told as a slow ONVIO."""
LOGINS = (MANAGER, "ana")
LEEWAY_S = 120  # lost answers to refreshes are not this campaign's matter
_HELD_S = 2.0  # how long a fault at the start lasts, and one in a green office once it shows


class Fault(NamedTuple):
    """`reasons`: what an icon may say of it; `value`: as the simulator takes it."""

    kind: str
    reasons: tuple[str, ...]
    value: float | str | None = None

    def __str__(self) -> str:
        return self.kind


FAULTS = (
    Fault("latency", ("network.timeout",), 600),
    Fault("refuse", ("network.refused",)),
    Fault("reset", ("network.interrupted",), "after"),
    Fault("truncated", ("network.interrupted",)),
    Fault("http_500", ("onvio.unavailable",)),
    # With a Retry-After it is also a request to wait, and later tries are held back for that.
    Fault("http_503", ("onvio.unavailable", "onvio.limited"), 1),
    Fault("limited", ("onvio.limited",), 1),
    Fault("html", ("onvio.unexpected_answer",)),
    Fault("content_type", ("onvio.unexpected_answer",)),
    Fault("cert_expired", ("tls.expired",)),
    Fault("cert_foreign", ("tls.untrusted",)),
    Fault("cert_name", ("tls.wrong_name",)),
)
_ON_THE_WAY = ("agent.starting", "agent.stale", "link.checking")
"""What an icon may say for an instant: before the first check, and between expiry and verdict."""


def test_no_fault_of_the_simulator_is_left_out() -> None:
    assert sorted(fault.kind for fault in FAULTS) == sorted(KINDS)


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_the_icon_never_lies_under(fault: Fault, tmp_path: Path, tell: Tell) -> None:
    impatient = IMPATIENT if fault.kind == "latency" else {}
    with running_office(tmp_path, "ana", **SETTINGS, **impatient) as (simulator, profile):
        simulator.rotation(LEEWAY_S)
        witness = Witness(profile)
        with witness.watching():
            for target in ("api", "auth"):
                case = Case(simulator, profile, witness, fault, target)
                case.while_green()
                case.at_start()
                tell("faults", cases=2, seconds_back_to_green_at_most=case.back_s)
        green = hold_against(simulator, witness)
        tell("faults", samples=len(witness.samples), green_icons_held_against_the_journal=green)


def hold_against(simulator: Simulator, witness: Witness) -> int:
    """Every green icon has its answer of ONVIO; a judge that holds greens for shorter objects."""
    truth = truth_of(simulator, connection_valid_s=CONNECTION_VALID_S, link_valid_s=LINK_VALID_S)
    strict = truth_of(simulator, connection_valid_s=0.1, link_valid_s=LINK_VALID_S)
    with pytest.raises(AssertionError):
        strict.check(witness.samples)
    return truth.check(witness.samples)


class Case:
    """One fault on one server."""

    def __init__(
        self,
        simulator: Simulator,
        profile: Profile,
        witness: Witness,
        fault: Fault,
        target: str,
    ) -> None:
        self.simulator = simulator
        self.profile = profile
        self.witness = witness
        self.fault = fault
        self.target = target
        self.back_s = 0.0

    def while_green(self) -> None:
        """Green is lost in time, with a reason that names the fault; it comes back afterwards."""
        with self._struck():
            for login in LOGINS:
                self._wait_for_the_reason(login)
            began = time.time()
            time.sleep(_HELD_S / 2)
            self._no_green(self.witness.since(began))

    def at_start(self) -> None:
        """Nothing is green before a check has succeeded."""
        self.profile.kill()
        with self._struck():
            began = time.time()
            self.profile.start(online=False)
            for login in LOGINS:
                self._wait_for_the_reason(login)
            time.sleep(max(0.0, began + _HELD_S - time.time()))
            self._no_green(self.witness.since(began))

    @contextmanager
    def _struck(self) -> Iterator[None]:
        """The fault is in force within the block; after it everybody is green again."""
        struck_at = time.time()
        self.simulator.fault(self.fault.kind, self.target, value=self.fault.value)
        yield
        self.simulator.clear()
        cleared = time.monotonic()
        for login in LOGINS:
            self.profile.wait_icon(login, "green")
        self.back_s = max(self.back_s, time.monotonic() - cleared)
        self._only_fitting_reasons(self.witness.since(struck_at))
        self._no_link_lost()

    def _wait_for_the_reason(self, login: str) -> None:
        def holds(snapshot: object) -> bool:
            sample = Sample(0.0, 0.0, snapshot)  # type: ignore[arg-type] # only its icon is asked
            return sample.icon(login)[1] in self.fault.reasons

        what = f"{self.fault} of {self.target} named for {login}"
        self.profile.wait(holds, what)

    def _only_fitting_reasons(self, samples: list[Sample]) -> None:
        fitting = (None, *self.fault.reasons, *_ON_THE_WAY)
        for sample in samples:
            for login in LOGINS:
                state, reason = sample.icon(login)
                assert reason in fitting, (self.target, login, state, reason)
                assert state == ("green" if reason is None else "grey")

    def _no_green(self, samples: list[Sample]) -> None:
        assert samples
        for sample in samples:
            assert not [login for login in LOGINS if sample.icon(login)[0] == "green"], sample

    def _no_link_lost(self) -> None:
        for login in LOGINS:
            row = self.profile.user(login)
            assert row["onvio_email"] == EMAILS[login]
            assert row["link"]["state"] in ("valid", "waiting")
