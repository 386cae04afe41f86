"""S12 through the command line: a password that was just reset, against ONVIO in its own process."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import time

from support.office import MANAGER, PROGRAM, Profile
from support.sim import GERENTE, Simulator, password_of

WORDS = ("link", MANAGER, "--email", GERENTE, "--just-reset")


def test_s12_a_password_that_was_just_reset_is_tried_again_with_a_countdown(
    profile: Profile, simulator: Simulator
) -> None:
    profile.set(RETRY__AFTER_RESET_S="2")
    profile.set_up()
    simulator.patch(GERENTE, state="reset")
    pipe = subprocess.PIPE
    words = [*PROGRAM, *WORDS, "--password-stdin", *profile.acting]
    with subprocess.Popen(
        words, env=profile.environ, stdin=pipe, stdout=pipe, stderr=pipe
    ) as command:
        assert command.stdin is not None
        assert command.stderr is not None
        command.stdin.write(f"{password_of(GERENTE)}\n".encode())
        command.stdin.flush()
        said = command.stderr.readline().decode()
        assert "Next try in 0:0" in said
        assert "3 tries left; Ctrl-C gives up." in said
        simulator.advance(180)
        out, err = command.communicate(timeout=30)
    assert command.returncode == 0, (out, err)
    assert profile.user(MANAGER)["link"]["state"] == "unconfirmed"
    assert password_of(GERENTE).encode() not in profile.everything_written()
    tries = [each for each in simulator.journal() if each["grant_type"] == "password"]
    assert [each["status"] for each in tries] == [403] * (len(tries) - 1) + [200]
    assert 2 <= len(tries) <= 4


def test_s12_after_the_last_try_the_refusal_is_final(
    profile: Profile, simulator: Simulator
) -> None:
    profile.set(RETRY__AFTER_RESET_S="0.1")
    profile.set_up()
    words = (*WORDS, "--password-stdin", *profile.acting)
    done = profile.cli(*words, input="errada\n")
    assert (done.code, done.out) == (4, "")
    assert "\nauth.wrong_password: " in done.err
    tries = [each for each in simulator.journal() if each["grant_type"] == "password"]
    assert len(tries) == 4


def test_s12_ctrl_c_gives_up_and_the_password_is_tried_no_more(
    profile: Profile, simulator: Simulator
) -> None:
    profile.set(RETRY__AFTER_RESET_S="1")
    profile.set_up()
    simulator.patch(GERENTE, state="reset")
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*PROGRAM, *WORDS, *profile.acting],
        env=profile.environ,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as command:
        os.close(theirs)
        heard_until(ours, "Domínio): ")
        os.write(ours, f"{password_of(GERENTE)}\n".encode())
        heard_until(ours, "Next try in")
        command.send_signal(signal.SIGINT)
        assert command.wait(20) == 130
    os.close(ours)
    seen = len(simulator.journal())
    time.sleep(2.0)
    later = simulator.journal()[seen:]
    assert [each for each in later if each["grant_type"] == "password"] == []


def heard_until(terminal: int, wanted: str) -> None:
    """Read on until `wanted` has been shown."""
    heard = ""
    while wanted not in heard:
        heard += os.read(terminal, 4096).decode()
