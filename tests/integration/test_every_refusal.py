"""Refusals and ends that no other test has a real agent give."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from onvio_agent.errors import AgentError, Failed
from onvio_agent.store.backup import restore_backup
from support import produced
from support.disks import fill_up, run, small_disk
from support.office import MANAGER, PROGRAM, Profile
from support.sim import ANA, BRUNO, GERENTE, Simulator, password_of

pytestmark = pytest.mark.timeout(400)  # a life of an agent each

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
    assert code_of(profile, *inactivate) == "user.inactive_already"
    assert code_of(profile, "users", "promote", "bruno", *act) == "user.not_active"
    simulator.patch(ANA, office={"cnpj": "99888777000166", "name": "Outro"})
    assert code_of(profile, "link", "ana", "--email", ANA, "--password-stdin", *act,
                   said=password_of(ANA)) == "office.other"  # fmt: skip

    simulator.patch(BRUNO, second_factor="push")
    profile.must("activate", "bruno", *act)
    assert code_of(profile, *link, "--email", BRUNO, said=password_of(BRUNO)) == "signin.no_factor"


def test_an_account_that_is_disabled_and_one_that_is_somebody_elses_end_a_link(
    profile: Profile, simulator: Simulator
) -> None:
    profile.seat("ana")
    profile.add("bruno")
    act = profile.acting
    assert code_of(profile, "users", "promote", MANAGER, *act) == "user.manager_already"
    heir = ("inactivate", MANAGER, "--yes", "--successor", MANAGER, *act)
    assert code_of(profile, *heir) == "user.manager_already"
    taken = profile.link("bruno", GERENTE).err
    assert taken.startswith("link.email_taken: ")
    assert f"inactivate {MANAGER} --successor LOGIN" in taken
    simulator.patch(ANA, state="disabled")
    profile.wait_icon("ana", "grey", reason="link.account_disabled")
    simulator.patch(GERENTE, state="disabled")
    profile.wait_icon(MANAGER, "grey", reason="link.account_disabled")
    assert profile.link("bruno").err.startswith("manager.account_disabled: ")
    simulator.patch(GERENTE, state="active")
    profile.cli("reconnect")
    simulator.patch(GERENTE, sub="auth0|somebody-else")
    profile.wait_icon(MANAGER, "play", reason="link.other_person")


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


def test_what_the_machines_settings_lock_stays(profile: Profile, tmp_path: Path) -> None:
    path = tmp_path / "machine.toml"
    path.write_text("[policy]\nlocked = ['log.files']\n")
    profile.environ["ONVIO_AGENT_MACHINE_SETTINGS"] = str(path)
    assert code_of(profile, "--set", "log.files=3", "config", "show") == "settings.locked"


def test_a_port_that_speaks_no_tls_is_told(profile: Profile, simulator: Simulator) -> None:
    control_url = str(simulator.ready["control_url"])
    profile.set(ONVIO__API_URL=control_url.rpartition("/")[0].replace("http:", "https:"))
    assert profile.cli("doctor", "--json").json()["broken"] == "tls.failed"


def test_a_backup_beyond_all_measure_is_not_unpacked(profile: Profile, tmp_path: Path) -> None:
    profile.set_up(start=False)
    source = tmp_path / "cópia"
    profile.must("backup", str(source))
    with pytest.raises(Failed) as raised:
        restore_backup(source, tmp_path / "agent.db", lambda: datetime.now(UTC), max_bytes=1000)
    produced.hear_refusal(f"{raised.value.code}: ")
    assert raised.value.code == "backup.too_large"


def test_a_full_disk_is_told_and_nothing_is_lost(simulator: Simulator, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", mib=4) as folder:
        profile = Profile(folder / "home", simulator)
        try:
            profile.set_up()
            filler = fill_up(folder)
            assert (
                code_of(profile, "users", "add", "ana", "--name", "Ana", *profile.acting)
                == "store.full"
            )
            profile.kill()
            fill_up(folder)
            assert code_of(profile, "start") == "store.full"  # which had no room to say so itself
            filler.unlink()
            profile.start()
            profile.must("users", "add", "ana", "--name", "Ana", *profile.acting)
        finally:
            profile.kill()


def test_a_medium_that_takes_nothing_is_told_and_nothing_half_done_stays(
    profile: Profile, tmp_path: Path
) -> None:
    profile.set_up()
    with small_disk(tmp_path / "medium") as medium:
        filler = fill_up(medium)
        commands = (
            ("backup", str(medium / "a")),
            ("support-bundle", "--yes", str(medium / "b")),
            ("users", "export", MANAGER, str(medium / "c"), *profile.acting),
        )
        for command in commands:
            assert code_of(profile, *command).splitlines()[-1] == "store.full"
        assert list(medium.iterdir()) == [filler]
        assert run("mount", "-o", "remount,ro", str(medium))
        for command in commands:
            assert code_of(profile, *command).splitlines()[-1] == "store.unwritable"


@pytest.mark.skipif(sys.platform != "linux", reason="looks for the new process in /proc")
def test_an_agent_that_is_ended_while_it_starts_is_told(profile: Profile) -> None:
    """As by the system, where memory is short."""
    profile.set_up(start=False)
    for _attempt in range(10):  # a machine that is busy elsewhere may see it too late
        starting = subprocess.Popen(
            [*PROGRAM, "start"],
            env=profile.environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        children = Path(f"/proc/{starting.pid}/task/{starting.pid}/children")
        while starting.poll() is None:
            with suppress(OSError):  # either may be gone already
                for pid in children.read_text().split():
                    os.kill(int(pid), signal.SIGKILL)
            time.sleep(0.001)
        _out, said = starting.communicate()
        if starting.returncode != 0:
            break
        profile.must("stop")
    produced.hear_refusal(said)
    assert said.startswith(b"agent.start_failed: ")
