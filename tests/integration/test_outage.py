"""ONVIO goes away and comes back: what the icon says, when, and that a click is quicker.

Real processes and sockets throughout; the times asserted are those of the contract.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from onvio_agent.client import Agent
from support.campaign import Tell, running_office
from support.office import EMAILS, MANAGER, Profile
from support.sim import ANA, GERENTE, Simulator, password_of
from support.witness import Witness

DEFAULTS = dict.fromkeys(
    (
        "PROBE__INTERVAL_S",
        "PROBE__DEADLINE_S",
        "PROBE__VALID_MIN_S",
        "LINKS__INTERVAL_S",
        "LINKS__VALID_S",
        "RETRY__FIRST_S",
        "RETRY__MAX_S",
        "RETRY__SPREAD_S",
    ),
    "",
)
"""An empty value means the default: the numbers of an office."""
NOT_GREEN_WITHIN_S = 40.0
_BACK_WITHIN_S = 60.0  # the longest wait between two tries is 30 s
_VALID_S = 3.0


def killed(simulator: Simulator) -> None:
    simulator.kill()


def stopped(simulator: Simulator) -> None:
    """Its ports stay open, nobody answers: a silent black hole."""
    os.kill(simulator.pid, signal.SIGSTOP)


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("strike", "reason"), [(killed, "network.refused"), (stopped, "network.timeout")]
)
def test_at_default_settings_green_is_gone_within_forty_seconds(
    strike: Callable[[Simulator], None], reason: str, tmp_path: Path, tell: Tell
) -> None:
    with running_office(tmp_path, "ana", **DEFAULTS) as (simulator, profile):
        struck = time.monotonic()
        strike(simulator)
        profile.wait(lambda s: s.icon.state != "green", "not green", NOT_GREEN_WITHIN_S)
        tell("outage, default settings", seconds_to_not_green=time.monotonic() - struck)
        profile.wait_icon(None, "grey", 5, reason=reason)
        come_back(simulator)
        returned = time.monotonic()
        for login in (MANAGER, "ana"):
            profile.wait_icon(login, "green", _BACK_WITHIN_S)
        tell("outage, default settings", seconds_back_by_itself=time.monotonic() - returned)


def come_back(simulator: Simulator) -> None:
    try:
        os.kill(simulator.pid, signal.SIGCONT)
    except ProcessLookupError:
        simulator.start()


@pytest.mark.parametrize(
    ("strike", "reason"), [(killed, "network.refused"), (stopped, "network.timeout")]
)
def test_an_outage_is_named_for_everybody_and_ends_by_itself(
    strike: Callable[[Simulator], None], reason: str, tmp_path: Path
) -> None:
    valid = {"PROBE__VALID_MIN_S": _VALID_S, "LINKS__VALID_S": 60}
    with running_office(tmp_path, "ana", PROBE__DEADLINE_S=0.8, **valid) as (simulator, profile):
        witness = Witness(profile)
        with witness.watching():
            struck_at = time.time()
            strike(simulator)
            profile.wait_icon(None, "grey", reason=reason)
            for login in (MANAGER, "ana"):
                profile.wait_icon(login, "grey", reason=reason)
            time.sleep(max(0.0, struck_at + _VALID_S + 0.5 - time.time()))
            too_late = witness.since(struck_at + _VALID_S)
        assert too_late
        for sample in too_late:
            assert [sample.icon(login)[0] for login in (MANAGER, "ana")] == ["grey", "grey"]
        come_back(simulator)
        for shown in (None, MANAGER, "ana"):
            profile.wait_icon(shown, "green")


def test_a_click_is_quicker_than_the_next_try(tmp_path: Path, tell: Tell) -> None:
    patient = {"RETRY__FIRST_S": 60, "RETRY__MAX_S": 3600}
    with running_office(tmp_path, "ana", **patient) as (simulator, profile):
        simulator.kill()
        profile.wait_icon("ana", "grey", reason="network.refused")
        for _ in range(4):  # a click while it is away tries, and says so
            assert profile.cli("reconnect").code == 1
        assert profile.user("ana")["icon"]["reason"] == "network.refused"
        simulator.start()
        time.sleep(0.5)
        assert profile.user("ana")["icon"]["state"] == "grey"  # by itself it would take minutes
        with profile.manager() as agent:
            clicked = time.monotonic()
            snapshot = agent.reconnect()
            took_ms = (time.monotonic() - clicked) * 1000
        assert [user.icon.state for user in snapshot.users] == ["green", "green"]
        tell("outage, click to green", ms=took_ms)


def test_a_revoked_user_turns_to_play_and_nobody_else(tmp_path: Path) -> None:
    with running_office(tmp_path, "ana", "bruno") as (simulator, profile):
        witness = Witness(profile)
        with witness.watching():
            simulator.revoke(ANA)
            profile.wait_icon("ana", "play", reason="link.session_ended")
            time.sleep(1.5)  # more than two rounds of checks
        for sample in witness.samples:
            assert sample.icon("ana") in (("green", None), ("play", "link.session_ended"))
            for other in (MANAGER, "bruno"):
                assert sample.icon(other) == ("green", None)
        assert profile.cli("status", "ana").code == 1
        assert profile.cli("status", "bruno").code == 0
        assert profile.link("ana").code == 0
        profile.wait_icon("ana", "green")


def test_a_revoked_gerente_holds_the_others_back_until_he_is_linked_again(tmp_path: Path) -> None:
    with running_office(tmp_path, "ana", "bruno") as (simulator, profile):
        simulator.revoke(GERENTE)
        profile.wait_icon(MANAGER, "play", reason="link.session_ended")
        for login in ("ana", "bruno"):
            profile.wait_icon(login, "grey", reason="manager.waiting")
        seen = simulator.journal()[-1]["n"]
        time.sleep(1.5)
        held = [e for e in simulator.journal(seen) if e["account"] in (ANA, EMAILS["bruno"])]
        assert not held  # they are not connected, not merely shown so
        profile.wait_icon(None, "play", reason="link.session_ended")
        assert profile.link(MANAGER).code == 0
        for shown in (None, MANAGER, "ana", "bruno"):
            profile.wait_icon(shown, "green")


def test_the_gerente_out_of_reach_holds_nobody_back(tmp_path: Path) -> None:
    with running_office(tmp_path, "ana") as (simulator, profile):
        simulator.fault("http_500", "api", path="/dominio")  # the Gerente's checks alone need it
        profile.wait_icon(MANAGER, "grey", reason="onvio.unavailable")
        assert profile.user("ana")["icon"]["state"] == "green"
        simulator.clear()
        profile.wait_icon(MANAGER, "green")


def hanging(simulator: Simulator, profile: Profile) -> None:
    """Every request of the agent hangs, renewals of sessions as well."""
    simulator.fault("latency", value=60)
    profile.wait(lambda s: s.connection.state != "online", "offline")


@pytest.mark.parametrize("hangs", [False, True], ids=["idle", "requests_hang"])
def test_sigterm_ends_the_agent_within_three_seconds(
    hangs: bool, tmp_path: Path, tell: Tell
) -> None:
    slow = {"PROBE__DEADLINE_S": 60, "LINKS__DEADLINE_S": 60, "LINKS__REFRESH_AFTER_S": 1}
    with running_office(tmp_path, "ana", **slow) as (simulator, profile):
        agent = Agent.connect(profile.paths)
        stream = agent.stream()
        next(stream)  # somebody watches, and does not let go
        if hangs:
            hanging(simulator, profile)
        asked = time.monotonic()
        assert profile.stop(signal.SIGTERM) == 0
        took_s = time.monotonic() - asked
        assert took_s < 3.0
        tell("SIGTERM", seconds_to_the_end=took_s)
        profile.start(online=False)  # nothing is left behind that would keep it from starting


def test_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    slow = {"PROBE__DEADLINE_S": 60, "LINKS__DEADLINE_S": 60}
    with running_office(tmp_path, "ana", **slow) as (simulator, profile):
        hanging(simulator, profile)
        process = profile.process
        assert process is not None
        asked = time.monotonic()
        process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        assert process.poll() is None  # it waits for what is under way
        assert profile.stop(signal.SIGTERM) == 128 + signal.SIGTERM
        assert time.monotonic() - asked < 1.0
        profile.start(online=False)
        assert profile.user("ana")["onvio_email"] == ANA


def test_signing_in_while_onvio_is_away_changes_nothing(tmp_path: Path) -> None:
    with running_office(tmp_path) as (simulator, profile):
        profile.add("ana")
        simulator.kill()
        profile.wait_icon(MANAGER, "grey", reason="network.refused")
        refused = profile.link("ana")
        assert (refused.code, refused.err.split(":")[0]) == (4, "link.not_online")
        assert profile.user("ana")["onvio_email"] is None
        assert password_of(ANA) not in refused.err
