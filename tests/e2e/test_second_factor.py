"""A second factor through the command line, against ONVIO in its own process."""

from __future__ import annotations

import os
import pty
import subprocess
import time

from support.office import EMAILS, MANAGER, PROGRAM, Profile
from support.sim import ANA, GERENTE, Simulator, password_of


def signing_in(profile: Profile, command: str, login: str, *more: str) -> list[str]:
    """The words of that command."""
    return [command, login, "--email", EMAILS[login], *more, *profile.acting]


def test_link_and_portal_take_the_code_from_the_second_line(
    profile: Profile, simulator: Simulator
) -> None:
    profile.set_up()
    simulator.patch(GERENTE, second_factor="otp")
    for command in ("link", "portal"):
        words = signing_in(profile, command, MANAGER, "--password-stdin", "--otp-stdin")
        lines = f"{password_of(GERENTE)}\n{simulator.codes(GERENTE)['otp']}\n"
        done = profile.cli(*words, input=lines)
        assert done.code == 0, done
        assert done.err.startswith("ONVIO asks for the code")
    profile.wait_icon(MANAGER, "green")


def test_a_wrong_code_and_no_code_are_refused_and_change_nothing(
    profile: Profile, simulator: Simulator
) -> None:
    profile.set_up()
    simulator.patch(GERENTE, second_factor="otp")
    words = signing_in(profile, "link", MANAGER, "--password-stdin")
    done = profile.cli(*words, "--otp-stdin", input=f"{password_of(GERENTE)}\n000000\n")
    assert (done.code, done.out) == (4, "")
    assert "\nauth.wrong_code: " in done.err
    done = profile.cli(*words, input=f"{password_of(GERENTE)}\n")
    assert (done.code, done.out) == (4, "")
    assert done.err.startswith("link.second_factor: ")
    assert f"onvio-agent link {MANAGER}" in done.err
    assert profile.user(MANAGER)["link"]["state"] == "not_linked"


def test_a_code_by_email_is_given_when_it_has_arrived(
    profile: Profile, simulator: Simulator
) -> None:
    profile.set_up()
    simulator.patch(GERENTE, second_factor="oob")
    words = signing_in(profile, "link", MANAGER, "--password-stdin", "--otp-stdin")
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [*PROGRAM, *words], env=profile.environ, stdin=pipe, stdout=pipe, stderr=pipe
    ) as command:
        assert command.stdin is not None
        assert command.stderr is not None
        command.stdin.write(f"{password_of(GERENTE)}\n".encode())
        command.stdin.flush()
        said = command.stderr.readline().decode()
        assert "ONVIO has sent a code to g***@" in said
        code = simulator.codes(GERENTE)["oob"]
        out, err = command.communicate(f"{code}\n".encode(), timeout=20)
    assert command.returncode == 0, (out, err)
    written = profile.everything_written()
    assert str(code).encode() not in written
    assert b"mfa." not in written
    assert profile.user(MANAGER)["link"]["state"] == "unconfirmed"


def test_a_recovery_code_is_exchanged_and_the_next_one_shown_once(
    profile: Profile, simulator: Simulator
) -> None:
    profile.set_up()
    simulator.patch(GERENTE, second_factor="otp")
    words = signing_in(profile, "link", MANAGER, "--password-stdin", "--otp-stdin")
    spent = simulator.codes(GERENTE)["recovery_code"]
    done = profile.cli(*words, input=f"{password_of(GERENTE)}\n{spent}\n")
    assert done.code == 0, done
    following = simulator.codes(GERENTE)["recovery_code"]
    assert f"The next one: {following}" in done.err
    assert following.encode() not in profile.everything_written()


def test_a_person_at_a_terminal_is_asked_again_after_a_mistyped_code(
    profile: Profile, simulator: Simulator
) -> None:
    profile.set_up()
    simulator.patch(GERENTE, second_factor="otp")
    ours, theirs = pty.openpty()
    words = signing_in(profile, "link", MANAGER)
    with subprocess.Popen(
        [*PROGRAM, *words], env=profile.environ, stdin=theirs, stdout=theirs, stderr=theirs
    ) as command:
        os.close(theirs)
        heard = ""
        for prompt, answer in (
            ("Domínio): ", password_of(GERENTE)),
            ("Code: ", "000000"),
            ("auth.wrong_code", ""),
            ("Code: ", str(simulator.codes(GERENTE)["otp"])),
        ):
            heard = heard_until(ours, prompt, heard)
            if answer:
                os.write(ours, f"{answer}\n".encode())
        code = command.wait(20)
    os.close(ours)
    assert code == 0, heard


def heard_until(terminal: int, wanted: str, heard: str) -> str:
    """What is left after `wanted` has been shown."""
    deadline = time.monotonic() + 20
    while wanted not in heard:
        assert time.monotonic() < deadline, heard
        heard += os.read(terminal, 4096).decode()
    return heard.partition(wanted)[2]


def test_a_renewal_that_suddenly_needs_a_person_shows_play_until_they_come(
    profile: Profile, simulator: Simulator
) -> None:
    profile.seat("ana")
    simulator.patch(ANA, second_factor="otp")
    simulator.revoke(ANA, only="access")
    profile.wait_icon("ana", "play", reason="link.second_factor")
    seen = len(simulator.journal())
    time.sleep(1.5)  # more than two link checks
    assert [e for e in simulator.journal()[seen:] if e["account"] == ANA] == []
    words = signing_in(profile, "link", "ana", "--password-stdin", "--otp-stdin")
    lines = f"{password_of(ANA)}\n{simulator.codes(ANA)['otp']}\n"
    assert profile.cli(*words, input=lines).code == 0
    profile.wait_icon("ana", "green")


def test_too_many_wrong_codes_are_blocked_by_onvio(profile: Profile, simulator: Simulator) -> None:
    profile.set_up()
    simulator.patch(GERENTE, second_factor="otp")
    simulator.limits(wrong_codes=1)
    words = signing_in(profile, "link", MANAGER, "--password-stdin", "--otp-stdin")
    lines = f"{password_of(GERENTE)}\n000000\n"
    codes = [profile.cli(*words, input=lines).err.splitlines()[1] for _try in range(2)]
    assert [line.partition(":")[0] for line in codes] == ["auth.wrong_code", "auth.blocked"]
