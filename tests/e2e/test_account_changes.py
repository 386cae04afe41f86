"""S13 through the command line: what is changed at ONVIO, against ONVIO in its own process."""

from __future__ import annotations

import time

from support.office import MANAGER, Profile
from support.sim import ANA, BRUNO, Simulator, password_of


def test_s13_a_changed_account_is_taken_over_and_recorded_and_a_collision_is_told(
    profile: Profile, simulator: Simulator
) -> None:
    profile.seat("ana", "bruno")
    simulator.patch(ANA, name="Ana Maria Moreira", email="ana.maria@escritorio.example")
    profile.wait(
        lambda now: any(user.onvio_email == "ana.maria@escritorio.example" for user in now.users),
        "the new e-mail is known",
    )
    found = profile.must("users", "show", "ana", "--json").json()
    assert found["onvio_name"] == "Ana Maria Moreira"
    changes = {row["reason"]: (row["before"], row["after"]) for row in found["history"]}
    assert changes["link.email_changed"] == (ANA, "ana.maria@escritorio.example")
    assert changes["link.name_changed"] == ("Ana Moreira", "Ana Maria Moreira")
    # Bruno gives his e-mail up at ONVIO while nobody can ask for him, and Ana takes it.
    simulator.revoke(BRUNO)
    profile.wait_icon("bruno", "play", reason="link.session_ended")
    simulator.patch(BRUNO, email="bruno.novo@escritorio.example")
    simulator.patch("ana.maria@escritorio.example", email=BRUNO)
    deadline = time.monotonic() + 15
    while not (found := profile.must("users", "show", "ana", "--json").json())["findings"]:
        assert time.monotonic() < deadline
    assert found["findings"][0]["code"] == "link.email_collides"
    assert (found["reported_email"], found["onvio_email"]) == (
        BRUNO,
        "ana.maria@escritorio.example",
    )
    profile.wait_icon("ana", "green")  # it is told, and nothing ends by it
    shown = profile.must("users", "show", "ana").out
    assert "In ONVIO: Ana Maria Moreira" in shown
    assert f"this user's e-mail is now {BRUNO}" in shown
    lines = password_of(BRUNO) + "\n"
    words = ("--email", "bruno.novo@escritorio.example", "--password-stdin", *profile.acting)
    assert profile.cli("link", "bruno", *words, input=lines).code == 0
    profile.wait(
        lambda now: (
            {user.onvio_email for user in now.users if user.login != MANAGER}
            == {BRUNO, "bruno.novo@escritorio.example"}
        ),
        "both are known by their new e-mails",
    )
