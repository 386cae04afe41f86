"""How quickly the agent notices what the system tells it: a route that goes and comes, and a sleep."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from statistics import median

import pytest

from onvio_agent.client import Agent
from support.campaign import Tell, running_office
from support.lan import needs_namespaces
from support.lan_office import lan_office
from support.office import Profile
from support.wall_clock import WallClock, needs_gcc
from support.witness import PROBE_PATH, acted_at

pytestmark = pytest.mark.slow

ROUNDS = 20
LOST_S, BACK_S = 1.0, 2.0
UNHURRIED = {"PROBE__INTERVAL_S": 30, "PROBE__VALID_MIN_S": 90, "RETRY__FIRST_S": 30,
             "RETRY__MAX_S": 30, "LINKS__INTERVAL_S": 300, "LINKS__VALID_S": 900}  # fmt: skip
"""As in an office: nothing would be noticed so soon by the next check."""


def seconds_until(agent: Agent, state: str, began: float) -> float:
    """How long it takes until the icon is in that state; looked at every few milliseconds."""
    while agent.status().icon.state != state:
        assert time.monotonic() < began + 20, f"not {state} in time"
        time.sleep(0.002)
    return time.monotonic() - began


@needs_namespaces
def test_a_route_that_goes_and_comes_is_noticed_at_once(tmp_path: Path, tell: Tell) -> None:
    lost, back = [], []
    with lan_office(tmp_path, **UNHURRIED) as at:
        at.profile.seat()
        agent = Agent.connect(at.profile.paths)
        for _ in range(ROUNDS):
            time.sleep(1.1)  # as if by hand: a network that never rests is another matter
            began = time.monotonic()
            at.lan.unplug()
            lost.append(seconds_until(agent, "grey", began))
            assert agent.status().icon.reason == "network.none"
            time.sleep(1.1)
            began = time.monotonic()
            at.lan.plug()
            back.append(seconds_until(agent, "green", began))
    tell(
        f"route, medians of {ROUNDS}",
        ms_until_not_green=1000 * median(lost),
        ms_until_green=1000 * median(back),
        ms_at_worst=1000 * max(lost + back),
    )
    assert median(lost) <= LOST_S
    assert median(back) <= BACK_S


def probes_since(profile: Profile, journal: list[dict[str, object]], since: float) -> int:
    return len([e for e in journal if e["path"] == PROBE_PATH and acted_at(e) > since])


@needs_gcc
def test_an_hour_that_only_the_wall_clock_tells_of_is_looked_at_like_a_sleep(
    tmp_path: Path, tell: Tell
) -> None:
    with running_office(tmp_path, **UNHURRIED) as (simulator, profile):
        process = profile.process
        assert process is not None
        clock = WallClock(profile, tmp_path / "clock")
        profile.stop()
        profile.start()
        profile.wait_icon(None, "green")
        process = profile.process
        assert process is not None
        os.kill(process.pid, signal.SIGSTOP)
        clock.set(3600)  # an hour passes for everybody but the agent
        time.sleep(1)
        woke_at = time.time()
        os.kill(process.pid, signal.SIGCONT)
        deadline = time.monotonic() + 60
        while not probes_since(profile, simulator.journal(), woke_at):
            assert time.monotonic() < deadline, "nobody looked again"
            time.sleep(0.02)
        tell("wake", seconds_until_a_check=time.time() - woke_at)
        assert profile.status().icon.state == "green"
        assert "machine.clock_set" in profile.paths.log_path.read_text()
