"""Exit codes, what goes to which stream, and documents that are nothing but documents."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import signal
import stat
import subprocess
import time
from pathlib import Path

import msgspec
import pytest

from onvio_agent.client import running_pid
from onvio_agent.contract.status import Snapshot, UserStatus, decode_snapshot
from support.office import MANAGER, MANAGER_PASSWORD, PROGRAM, Profile
from support.sim import ANA, GERENTE, Simulator

NEED_AN_AGENT = [
    ("status",),
    ("status", "--json"),
    ("status", "--watch"),
    ("status", "ana"),
    ("reconnect",),
    ("pause",),
    ("resume",),
    ("stop",),
    ("stop", "--force"),
    ("users", "list"),
    ("users", "list", "--json"),
    ("users", "show", "ana"),
    ("users", "add", "ana", "--name", "Ana"),
    ("users", "import", __file__),
    ("users", "promote", "ana"),
    ("link", "ana", "--email", ANA, "--password-stdin"),
    ("portal", "ana", "--email", ANA, "--password-stdin"),
    ("inactivate", "ana", "--yes"),
    ("activate", "ana"),
    ("login", "--login", "helena", "--password-stdin"),
    ("logout",),
]


@pytest.mark.parametrize("arguments", NEED_AN_AGENT, ids=" ".join)
def test_without_an_agent_it_exits_3_with_nothing_on_stdout(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    done = Profile(tmp_path / "home").cli(*arguments, input="whatever\n")
    assert (done.code, done.out) == (3, "")
    assert done.err.startswith("agent.not_running: ")
    assert "onvio-agent start" in done.err


def test_looking_for_an_agent_leaves_no_folder_behind(tmp_path: Path) -> None:
    profile = Profile(tmp_path / "home")
    profile.cli("status")
    assert [path.name for path in profile.home_dir.iterdir()] == [profile.password_path.name]


@pytest.mark.parametrize(
    "arguments",
    [
        ("status", "ana", "bruno"),
        ("frobnicate",),
        ("link",),
        ("pause", "--for", "soon"),
        ("setup", "--login", "helena"),
        ("setup", "--login", "helena", "--name", "Helena"),  # nobody to ask for the password
        ("users", "add", "ana"),
        ("demo", "--for", "-1"),
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_2_with_nothing_on_stdout(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    done = Profile(tmp_path / "home").cli(*arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err


def test_start_answers_when_the_agent_does_and_stop_when_it_is_gone(profile: Profile) -> None:
    profile.set_up(start=False)
    try:
        done = profile.must("start")
        pid = running_pid(profile.paths)
        assert pid is not None
        assert (str(pid) in done.out, done.err) == (True, "")
        assert os.getsid(pid) == pid  # outlives our terminal
        again = profile.must("start")
        assert str(pid) in again.out
        run = profile.cli("run")
        assert (run.code, run.out) == (5, "")
        assert run.err.startswith("agent.already_running: ")
        assert str(pid) in run.err
        profile.must("stop")
        assert running_pid(profile.paths) is None
        assert profile.cli("status").code == 3
    finally:
        profile.cli("stop", "--force")


def test_stop_force_ends_an_agent_that_hangs(profile: Profile) -> None:
    profile.set_up()
    assert profile.process is not None
    profile.process.send_signal(signal.SIGSTOP)
    started = time.monotonic()
    done = profile.cli("stop")
    assert done.code == 5
    assert done.err.startswith("agent.not_answering: ")
    assert "stop --force" in done.err
    profile.must("stop", "--force")
    assert running_pid(profile.paths) is None
    assert time.monotonic() - started < 25
    assert profile.process.wait(5) == -signal.SIGKILL


def test_sigterm_ends_the_agent_in_order_within_three_seconds(profile: Profile) -> None:
    profile.seat()
    started = time.monotonic()
    assert profile.stop() == 0
    assert time.monotonic() - started < 3
    assert not profile.paths.runtime_path.exists()


def test_the_agent_ends_when_the_holder_of_its_pipe_is_gone(profile: Profile) -> None:
    profile.set_up()
    process, profile.process = profile.process, None
    assert process is not None
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(5) == 0
    assert process.stderr is not None
    process.stderr.close()


def test_status_json_is_exactly_the_snapshot(profile: Profile) -> None:
    profile.seat()
    done = profile.cli("status", "--json")
    assert (done.code, done.err) == (0, "")
    snapshot = decode_snapshot(done.out.encode())
    assert done.json() == json.loads(msgspec.json.encode(snapshot))
    assert set(done.json()) == {field.name for field in msgspec.structs.fields(Snapshot)}
    of_user = profile.cli("status", MANAGER, "--json")
    assert set(of_user.json()) == set(done.json())


def test_status_exits_by_the_icon_that_was_asked_for(profile: Profile) -> None:
    profile.seat()
    profile.add("ana")
    assert profile.cli("status").code == 0
    assert profile.cli("status", MANAGER).code == 0
    assert profile.cli("status", "ana").code == 1
    assert profile.cli("status", "ana", "--json").code == 1
    assert profile.cli("status", MANAGER.upper()).code == 0


def test_status_speaks_portuguese_with_a_sentence_and_a_next_step(profile: Profile) -> None:
    profile.set(UI__LANGUAGE="pt_BR")
    profile.seat()
    profile.add("ana")
    out = profile.cli("status", "ana").out.splitlines()
    assert out[0].startswith("○ ana: ")
    assert "Utiliza ONVIO" in out[1]
    table = profile.cli("status").out
    assert "Conectado ao ONVIO." in table
    for words in ("Gerente", "Situação", "Usuário no ONVIO", "Ativo", GERENTE):
        assert words in table


def test_watch_writes_one_document_a_line_and_ends_with_the_agent(
    profile: Profile, simulator: Simulator
) -> None:
    profile.seat("ana")
    with subprocess.Popen(
        [*PROGRAM, "status", "--watch", "--json"],
        env=profile.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as watching:
        assert watching.stdout is not None
        first = decode_snapshot(watching.stdout.readline().encode())
        assert first.icon.state == "green"
        simulator.revoke(ANA)
        for line in watching.stdout:
            snapshot = decode_snapshot(line.encode())
            if next(user for user in snapshot.users if user.login == "ana").icon.state == "play":
                break
        assert snapshot.agent.revision > first.agent.revision
        profile.stop()
        _rest, said = watching.communicate(timeout=10)
    assert watching.returncode == 3
    assert said.startswith("agent.not_running: ")


def test_watch_for_people_writes_a_line_only_for_what_changes(
    profile: Profile, simulator: Simulator
) -> None:
    profile.seat("ana")
    with subprocess.Popen(
        [*PROGRAM, "status", "ana", "--watch"],
        env=profile.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as watching:
        assert watching.stdout is not None
        assert "● ana: " in watching.stdout.readline()
        seen = profile.status().agent.revision
        profile.wait(lambda now: now.agent.revision > seen + 2, "checked again")
        simulator.revoke(ANA)
        assert "▶ ana: " in watching.stdout.readline()
        watching.send_signal(signal.SIGINT)
        watching.communicate(timeout=10)
    assert watching.returncode == 130


def test_pause_ends_at_its_time_or_by_resume(profile: Profile) -> None:
    profile.seat()
    profile.must("pause", "--for", "1h")
    snapshot = profile.status()
    assert snapshot.intent.state == "paused"
    assert snapshot.intent.until is not None
    left_s = (snapshot.intent.until - snapshot.agent.started_at).total_seconds()
    assert 3600 <= left_s < 3700
    profile.must("resume")
    profile.wait_icon(None, "green")
    profile.must("pause", "--for", "1")
    profile.wait(lambda seen: seen.intent.state == "run", "run again")
    profile.wait_icon(None, "green")


def test_a_kept_session_serves_until_logout(profile: Profile) -> None:
    profile.set_up()
    assert profile.cli("users", "add", "ana", "--name", "Ana").code == 4
    profile.must("login", "--login", MANAGER, "--password-stdin", input=MANAGER_PASSWORD + "\n")
    path = profile.paths.session_path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert MANAGER_PASSWORD not in path.read_text()
    profile.must("users", "add", "ana", "--name", "Ana")
    profile.must("logout")
    assert not path.exists()
    assert profile.cli("users", "add", "bruno", "--name", "Bruno").code == 4


def on_a_terminal(profile: Profile, arguments: tuple[str, ...], typed: str) -> tuple[int, str]:
    """Run a command whose stdin is a terminal; its exit code and all that stood on the screen."""
    master, slave = pty.openpty()
    with subprocess.Popen(
        [*PROGRAM, *arguments],
        env=profile.environ,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    ) as asking:
        os.close(slave)
        screen = os.read(master, 4096)
        os.write(master, typed.encode())
        with contextlib.suppress(OSError):  # how Linux says that the other end is closed
            while more := os.read(master, 4096):
                screen += more
    os.close(master)
    return asking.returncode, screen.decode()


def test_on_a_terminal_the_password_is_asked_for_and_not_shown(profile: Profile) -> None:
    profile.set_up()
    arguments = ("login", "--login", MANAGER)
    code, screen = on_a_terminal(profile, arguments, MANAGER_PASSWORD + "\n")
    assert code == 0, screen
    assert "The Gerente's password in this agent" in screen
    assert MANAGER_PASSWORD not in screen


@pytest.mark.parametrize(("answer", "code"), [("sim", 0), ("y", 0), ("", 4), ("n", 4)])
def test_on_a_terminal_inactivating_asks_first(profile: Profile, answer: str, code: int) -> None:
    profile.set_up()
    profile.add("ana")
    arguments = ("inactivate", "ana", *profile.acting)
    assert on_a_terminal(profile, arguments, f"{answer}\n")[0] == code


def test_a_kept_session_that_ended_is_said_so(profile: Profile) -> None:
    profile.set_up()
    profile.must("login", "--login", MANAGER, "--password-stdin", input=MANAGER_PASSWORD + "\n")
    profile.stop()
    profile.start()
    done = profile.cli("users", "add", "ana", "--name", "Ana")
    assert (done.code, done.out) == (4, "")
    assert done.err.startswith("manager.required: ")
    assert "has ended" in done.err


def test_a_session_for_one_command_is_closed_after_it(profile: Profile) -> None:
    profile.set_up()
    profile.must("users", "add", "ana", "--name", "Ana", *profile.acting)
    assert not profile.paths.session_path.exists()
    wrong = profile.home_dir / "wrong.password"
    wrong.write_text("errada\n")
    done = profile.cli(
        "users", "add", "b", "--name", "B", "--as", MANAGER, "--as-password-file", str(wrong)
    )
    assert done.code == 4
    assert done.err.startswith("manager.wrong_password: ")


def test_the_role_of_the_gerente_is_handed_over(profile: Profile, simulator: Simulator) -> None:
    profile.seat("ana")
    done = profile.cli("users", "promote", "ana", *profile.acting)
    assert (done.code, done.err.partition(":")[0]) == (4, "manager.not_admin")
    simulator.patch(ANA, role="administrator")
    done = profile.cli("inactivate", MANAGER, "--yes", *profile.acting)
    assert (done.code, done.err.partition(":")[0]) == (4, "manager.only")
    profile.must("inactivate", MANAGER, "--yes", "--successor", "ana", *profile.acting)
    roles = {user.login: (user.role, user.situation) for user in profile.status().users}
    assert roles == {MANAGER: ("standard", "inactive"), "ana": ("manager", "active")}
    profile.wait_icon("ana", "green")


def test_setup_is_refused_while_an_agent_runs_or_a_gerente_is_there(profile: Profile) -> None:
    profile.set_up()
    arguments = ("setup", "--login", "outra", "--name", "Outra", "--password-stdin")
    done = profile.cli(*arguments, input="outra-senha-longa\n")
    assert (done.code, done.out) == (5, "")
    assert done.err.startswith("agent.already_running: ")
    profile.stop()
    done = profile.cli(*arguments, input="outra-senha-longa\n")
    assert done.code == 4
    assert done.err.startswith("manager.exists: ")
    assert MANAGER in done.err


def test_setup_chooses_a_new_password_for_a_forgotten_one(profile: Profile) -> None:
    profile.set_up(start=False)
    profile.must("setup", "--reset-password", "--password-stdin", input="nova-senha-longa\n")
    profile.start()
    arguments = ("login", "--login", MANAGER, "--password-stdin")
    assert profile.cli(*arguments, input=MANAGER_PASSWORD + "\n").code == 4
    assert profile.cli(*arguments, input="nova-senha-longa\n").code == 0


def test_users_are_listed_and_shown_as_documents_and_for_people(profile: Profile) -> None:
    profile.seat("ana")
    rows = profile.must("users", "list", "--json").json()
    assert [row["login"] for row in rows] == [MANAGER, "ana"]
    fields = {field.name for field in msgspec.structs.fields(UserStatus)}
    assert [set(row) for row in rows] == [fields, fields]
    shown = profile.must("users", "show", "ana").out
    assert ANA in shown
    lately = shown.partition("Lately:")[2]
    assert "Connected to ONVIO." in lately
    assert "Utiliza Portal do Cliente is not confirmed yet." in lately
    assert "ana" in profile.must("users", "list").out


def test_help_needs_no_agent_and_no_profile(tmp_path: Path) -> None:
    profile = Profile(tmp_path / "home")
    for arguments in (("--help",), *((*command[:1], "--help") for command in NEED_AN_AGENT)):
        assert profile.cli(*arguments).code == 0
