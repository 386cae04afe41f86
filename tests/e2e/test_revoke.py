"""`revoke --all`: an office whose program is to be removed leaves no session behind at ONVIO."""

from __future__ import annotations

from support.office import MANAGER, Profile
from support.sim import Simulator

REVOKE = "/oauth/revoke"


def revoked(simulator: Simulator) -> int:
    """How many revocations the server has confirmed."""
    asked = [entry for entry in simulator.journal() if entry.get("path") == REVOKE]
    return len([entry for entry in asked if entry["status"] == 200])


def test_every_session_ends_here_and_at_onvio_and_whoever_signs_in_again_goes_on(
    profile: Profile, simulator: Simulator
) -> None:
    profile.seat("ana")
    done = profile.cli("revoke", "--all", *profile.acting)
    assert (done.code, revoked(simulator)) == (2, 0), done
    assert profile.cli("revoke", "--yes", *profile.acting).code == 2
    done = profile.cli("revoke", "--all", "--yes")
    assert (done.code, done.err.startswith("manager.required: ")) == (4, True)
    profile.wait_icon("ana", "green")

    done = profile.cli("revoke", "--all", "--yes", *profile.acting)
    assert done.code == 0, done
    assert "2 sessions" in done.out
    assert revoked(simulator) == 2
    profile.wait_icon(MANAGER, "play", reason="link.session_ended")
    profile.wait_icon("ana", "grey", reason="manager.waiting")
    ana = profile.user("ana")
    assert (ana["uses_onvio"], ana["uses_client_portal"]) == (True, True)
    again = profile.cli("revoke", "--all", "--yes", *profile.acting)
    assert (again.code, "0 sessions" in again.out) == (0, True), again

    profile.link(MANAGER)
    profile.wait_icon("ana", "play", reason="link.session_ended")
    profile.link("ana")
    for login in (MANAGER, "ana"):
        profile.wait_icon(login, "green")


def test_what_a_server_that_is_down_was_not_told_waits_and_is_counted(
    profile: Profile, simulator: Simulator
) -> None:
    profile.seat("ana")
    simulator.fault("http_503", "auth", path=REVOKE)
    done = profile.cli("revoke", "--all", "--yes", "--wait", "3", *profile.acting)
    assert done.code == 1, done
    assert "0 sessions; 2 still wait" in done.out
    profile.wait_icon(MANAGER, "play", reason="link.session_ended")
    assert profile.stop() == 0
    simulator.clear()
    profile.start()
    profile.wait(lambda _now: revoked(simulator) == 2, "revoked after the outage", 30)
