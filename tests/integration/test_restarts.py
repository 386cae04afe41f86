"""Several agents on one profile, and what a killed agent still owes ONVIO after its restart."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from onvio_agent.client import Agent
from support.campaign import Tell, running_office
from support.office import MANAGER, PROGRAM, Profile
from support.sim import ANA, Simulator
from support.witness import Witness, acted_at, truth_of

MANY = 10
RETRY_AFTER_S = 12
_LOCK_PATIENCE_S = 1.5  # longer than a starting agent waits for the profile's lock


def running(profile: Profile) -> subprocess.Popen[bytes]:
    """One more agent on that profile."""
    return subprocess.Popen(
        [*PROGRAM, "run", "--end-with-stdin"],
        env=profile.environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def test_a_second_agent_leaves_and_names_the_first(tmp_path: Path) -> None:
    with running_office(tmp_path) as (_simulator, profile):
        first = Agent.connect(profile.paths)
        second = profile.cli("run")
        assert second.code == 5
        assert second.err.startswith("agent.already_running")
        assert f"pid {first.pid}" in second.err
        again = Agent.connect(profile.paths)
        assert (again.pid, again.boot_id) == (first.pid, first.boot_id)
        profile.wait_icon(MANAGER, "green")


def test_of_ten_agents_started_at_once_one_stays(tmp_path: Path, simulator: Simulator) -> None:
    profile = Profile(tmp_path / "home", simulator)
    profile.set_up(start=False)
    agents = [running(profile) for _ in range(MANY)]
    try:
        deadline = time.monotonic() + 60
        while sum(agent.poll() is None for agent in agents) > 1:
            assert time.monotonic() < deadline, "more than one agent stays"
            time.sleep(0.05)
        survivor = Agent.connect(profile.paths)
        alive = [agent for agent in agents if agent.poll() is None]
        assert [agent.pid for agent in alive] == [survivor.pid]
        for agent in agents:
            if agent.pid != survivor.pid:
                said = agent.communicate()[1].decode()
                assert agent.returncode == 5
                assert said.startswith("agent.already_running")
                assert f"pid {survivor.pid}" in said
        assert profile.cli("status").code != 3
    finally:
        for agent in agents:
            agent.kill()
            agent.communicate()


def test_start_from_five_places_at_once_starts_one_agent_and_leaves_nobody_waiting(
    tmp_path: Path, simulator: Simulator
) -> None:
    profile = Profile(tmp_path / "home", simulator)
    profile.set_up(start=False)
    try:
        starts = [
            subprocess.Popen(
                [*PROGRAM, "start"],
                env=profile.environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
            for _ in range(5)
        ]
        ends = [(start.communicate(timeout=60)[1].decode(), start.returncode) for start in starts]
        assert ends == [("", 0)] * 5
        assert Agent.connect(profile.paths).status().connection.state != "offline"
        assert profile.cli("stop").code == 0
        time.sleep(_LOCK_PATIENCE_S)  # nobody was left who waits to take its place
        assert profile.cli("status").code == 3
    finally:
        profile.cli("stop", "--force")


@pytest.mark.slow
@pytest.mark.parametrize("target", ["api", "auth"])
def test_a_wait_that_onvio_named_outlives_a_kill(target: str, tmp_path: Path, tell: Tell) -> None:
    with running_office(tmp_path, "ana", LINKS__VALID_S=1.5) as (simulator, profile):
        simulator.fault("limited", target, value=RETRY_AFTER_S)
        profile.wait_icon("ana", "grey", reason="onvio.limited")
        profile.kill()
        told = [e for e in simulator.journal() if (e["target"], e["status"]) == (target, 429)]
        simulator.clear()
        profile.start(online=target == "auth")
        assert profile.cli("reconnect").code == 1  # a click does not shorten it
        ends_at = acted_at(told[-1]) + RETRY_AFTER_S
        while time.time() < ends_at - 0.5:
            assert profile.user("ana")["icon"]["state"] == "grey"
            time.sleep(0.1)
        for login in (MANAGER, "ana"):
            profile.wait_icon(login, "green")
        later = [e for e in simulator.journal(told[-1]["n"]) if e["target"] == target]
        waited_s = acted_at(later[0]) - acted_at(told[-1])
        tell("waits over a kill", cases=1, seconds_too_early=max(0.0, RETRY_AFTER_S - waited_s))
        assert waited_s >= RETRY_AFTER_S - 0.01


def test_a_revocation_that_is_owed_outlives_a_kill(tmp_path: Path) -> None:
    with running_office(tmp_path, "ana") as (simulator, profile):
        simulator.fault("reset", "auth", value="before", path="/oauth/revoke")
        owed = _last_issued(simulator, ANA)
        with profile.manager() as agent:
            agent.inactivate("ana", confirmed=True)
        profile.kill()
        simulator.clear()
        profile.start()
        profile.wait(lambda _: owed in _revoked(simulator), "revoked")


def _last_issued(simulator: Simulator, email: str) -> str:
    entries = simulator.journal()
    issued = [e["issued_fingerprint"] for e in entries if e["account"] == email]
    return next(str(fingerprint) for fingerprint in reversed(issued) if fingerprint)


def _revoked(simulator: Simulator) -> list[str]:
    return [
        entry["token_fingerprint"]
        for entry in simulator.journal()
        if (entry["path"], entry["status"]) == ("/oauth/revoke", 200)
    ]


def test_an_agent_that_was_suspended_shows_nothing_old_when_it_wakes(tmp_path: Path) -> None:
    valid_s = 2.0
    numbers = {"PROBE__VALID_MIN_S": valid_s, "LINKS__VALID_S": valid_s}
    with running_office(tmp_path, "ana", **numbers) as (simulator, profile):
        process = profile.process
        assert process is not None
        for _ in range(3):
            witness = Witness(profile)
            with witness.watching():
                os.kill(process.pid, signal.SIGSTOP)
                time.sleep(valid_s + 1)
                os.kill(process.pid, signal.SIGCONT)
                profile.wait_icon("ana", "green")
                time.sleep(0.3)  # some samples more
            truth = truth_of(simulator, connection_valid_s=valid_s, link_valid_s=valid_s)
            assert truth.check(witness.samples) > 0
