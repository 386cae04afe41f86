"""Somebody sets the workstation's clock by two days, back or forward, while the agent runs.

Checks go on in time, nothing that is true expires, nothing that has expired stays green.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from onvio_agent.timer import WATCHDOG_S
from support.campaign import Tell
from support.office import MANAGER, Profile
from support.sim import Simulator
from support.wall_clock import WallClock, needs_gcc
from support.witness import PROBE_PATH, USERINFO_PATH, Witness, acted_at

pytestmark = [needs_gcc, pytest.mark.slow]

TWO_DAYS_S = 2 * 24 * 3600
STEPS = pytest.mark.parametrize("step_s", [-TWO_DAYS_S, TWO_DAYS_S], ids=["back", "forward"])
INTERVAL_S = 2.0
_SLACK_S = 5.0  # of a busy machine


@contextmanager
def office_with_a_clock(
    folder: Path, **settings: object
) -> Iterator[tuple[Simulator, Profile, WallClock]]:
    """As `running_office`, but the agent's wall clock can be set."""
    simulator = Simulator(folder / "simulator")
    profile = Profile(folder / "home", simulator, **settings)
    clock = WallClock(profile, folder / "clock")
    try:
        profile.seat("ana")
        yield simulator, profile, clock
    finally:
        profile.kill()
        simulator.kill()


def shown_offset_s(profile: Profile) -> float:
    """How far the agent's time of day is from the true one, as its status shows it."""
    checked_at = profile.status().connection.checked_at
    assert checked_at is not None
    return (checked_at - datetime.now(UTC)).total_seconds()


@STEPS
def test_checks_go_on_in_time_and_nothing_expires_falsely(
    step_s: int, tmp_path: Path, tell: Tell
) -> None:
    valid_s = WATCHDOG_S + INTERVAL_S + 2 * _SLACK_S
    numbers = {"PROBE__INTERVAL_S": INTERVAL_S, "PROBE__VALID_MIN_S": valid_s}
    links = {"LINKS__INTERVAL_S": INTERVAL_S, "LINKS__VALID_S": valid_s}
    with office_with_a_clock(tmp_path, **numbers, **links) as (simulator, profile, clock):
        witness = Witness(profile)
        with witness.watching():
            stepped_at = time.time()
            clock.set(step_s)
            time.sleep(WATCHDOG_S + INTERVAL_S + _SLACK_S)
            assert abs(shown_offset_s(profile) - step_s) < 60, "the step was not seen at all"
            again_at = time.time()
            clock.set(0)
            time.sleep(WATCHDOG_S + INTERVAL_S + _SLACK_S)
        for sample in witness.samples:
            assert {sample.icon(login) for login in (MANAGER, "ana")} == {("green", None)}
            assert abs((sample.snapshot.connection.ttl_s or 0) - valid_s / 2) <= valid_s / 2
        gap_s = longest_gap_s(simulator, stepped_at, again_at, time.time())
        tell("clock steps", steps=2, seconds_between_checks_at_most=gap_s)
        assert gap_s <= WATCHDOG_S + INTERVAL_S + _SLACK_S
        profile.kill()
        clock.set(step_s)
        profile.start()  # its sessions' ages now look wrong by two days
        for login in (MANAGER, "ana"):
            profile.wait_icon(login, "green")


def longest_gap_s(simulator: Simulator, *instants: float) -> float:
    """The longest time without a probe, or without a check of a link, over these instants."""
    gaps = []
    for path in (PROBE_PATH, USERINFO_PATH):
        times = [acted_at(e) for e in simulator.journal() if e["path"] == path]
        times = [instants[0], *(at for at in times if at > instants[0]), instants[-1]]
        gaps += [later - earlier for earlier, later in pairwise(times)]
    return max(gaps)


@STEPS
def test_nothing_is_green_past_its_time_however_the_clock_is_set(
    step_s: int, tmp_path: Path
) -> None:
    valid_s = 6.0
    numbers = {"PROBE__INTERVAL_S": INTERVAL_S, "PROBE__VALID_MIN_S": valid_s}
    with office_with_a_clock(tmp_path, LINKS__VALID_S=600, **numbers) as (
        simulator,
        profile,
        clock,
    ):
        witness = Witness(profile)
        with witness.watching():
            silent_at = time.time()
            os.kill(simulator.pid, signal.SIGSTOP)
            clock.set(step_s)
            time.sleep(valid_s + 3)
            too_late = witness.since(silent_at + valid_s)
        assert too_late
        for sample in too_late:
            assert sample.icon("ana")[0] == "grey", sample
        os.kill(simulator.pid, signal.SIGCONT)
        for login in (MANAGER, "ana"):
            profile.wait_icon(login, "green", WATCHDOG_S + 15)


@STEPS
def test_a_kept_wait_is_not_stretched_by_a_clock_that_was_set_meanwhile(
    step_s: int, tmp_path: Path
) -> None:
    wait_s = 8
    with office_with_a_clock(tmp_path, LINKS__VALID_S=1.5) as (simulator, profile, clock):
        simulator.fault("limited", "auth", value=wait_s)
        profile.wait_icon("ana", "grey", reason="onvio.limited")
        profile.kill()
        simulator.clear()
        clock.set(step_s)
        profile.start()
        for login in (MANAGER, "ana"):
            profile.wait_icon(login, "green", wait_s + _SLACK_S)
