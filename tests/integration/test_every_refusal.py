"""Refusals and ends that no other test has a real agent give."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from onvio_agent.errors import AgentError
from support.office import MANAGER, Profile
from support.sim import ANA, BRUNO, GERENTE, Simulator, password_of

HOUR_S = 3600


@pytest.fixture
def profile(simulator: Simulator, tmp_path: Path) -> Iterator[Profile]:
    made = Profile(tmp_path / "home", simulator)
    yield made
    made.kill()


def code_of(profile: Profile, *arguments: str, said: str = "x") -> str:
    """What a command is refused for."""
    done = profile.cli(*arguments, input=said + "\n")
    assert done.code != 0, done
    return done.err.partition(":")[0]


def test_what_is_wrong_with_a_user_is_told_by_its_name(
    profile: Profile, simulator: Simulator
) -> None:
    setup = ("setup", "--login", MANAGER, "--name", "Helena", "--password-stdin")
    assert code_of(profile, *setup, said="curta") == "password.too_short"
    profile.seat("ana")
    with pytest.raises(AgentError) as raised, profile.manager() as agent:
        agent.link("ana", ANA, "")
    assert raised.value.code == "password.empty"
    act = profile.acting
    add = ("users", "add")
    assert code_of(profile, *add, "ana", "--name", "Ana", *act) == "user.exists"
    assert code_of(profile, *add, "zoe", "--name", " ", *act) == "user.bad_name"
    profile.add("bruno")
    link = ("link", "bruno", "--password-stdin", *act)
    assert code_of(profile, *link, "--email", "bruno") == "user.bad_email"
    assert code_of(profile, "users", "promote", "bruno", *act) == "user.not_ready"
    portal = ("portal", "bruno", "--email", BRUNO, "--password-stdin", *act)
    assert code_of(profile, *portal) == "link.not_linked"
    inactivate = ("inactivate", "bruno", "--yes", *act)
    assert code_of(profile, *inactivate, "--successor", "ana") == "user.successor_needless"
    profile.must(*inactivate)
    assert code_of(profile, *inactivate) == "user.not_active"
    simulator.patch(ANA, office={"cnpj": "99888777000166", "name": "Outro"})
    assert code_of(profile, "link", "ana", "--email", ANA, "--password-stdin", *act,
                   said=password_of(ANA)) == "office.other"  # fmt: skip


def test_an_account_that_is_disabled_and_one_that_is_somebody_elses_end_a_link(
    profile: Profile, simulator: Simulator
) -> None:
    profile.seat("ana")
    simulator.patch(ANA, state="disabled")
    profile.wait_icon("ana", "grey", reason="link.account_disabled")


def test_a_session_that_will_end_soon_is_told_beside_green(
    profile: Profile, simulator: Simulator
) -> None:
    simulator.rotation(0, session_s=2 * HOUR_S)
    profile.seat()
    done = profile.cli("status")
    assert done.code == 0
    assert "onvio-agent link" in done.out
    warning = profile.cli("status", "--json").json()["icon"]["warning"]
    assert warning["code"] == "link.ends_soon"
    assert profile.user(MANAGER)["link"]["session_ends_at"] is not None
    assert "session.ends_soon" in profile.paths.log_path.read_text()


def test_a_program_that_onvio_does_not_know_can_sign_nobody_in(
    profile: Profile, simulator: Simulator
) -> None:
    profile.set(ONVIO__CLIENT_ID="stranger")
    profile.set_up()
    done = profile.link(MANAGER, GERENTE)
    assert done.err.startswith("auth.client_refused")


def test_sessions_whose_key_is_gone_need_their_people(profile: Profile) -> None:
    profile.seat()
    profile.stop()
    for path in profile.home_dir.rglob("*.key"):
        path.unlink()
        path.write_bytes(bytes(32))
    profile.start(online=False)
    profile.wait(
        lambda snapshot: str(snapshot.icon.reason).startswith("vault."), "the vault is lost"
    )


def test_a_data_file_of_a_newer_version_is_left_alone(profile: Profile) -> None:
    profile.set_up()
    profile.stop()
    (path,) = profile.home_dir.rglob("agent.db")
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 4711")
    assert code_of(profile, "run") == "store.newer"
    assert code_of(profile, "start") in ("store.newer", "agent.start_failed")
