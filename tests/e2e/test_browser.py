"""Sign-in by browser through the command line, against ONVIO in its own process."""

from __future__ import annotations

import json
import os
import pty
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from support import browse
from support.office import EMAILS, MANAGER, PROGRAM, Profile
from support.sim import ANA, CLIENT_ID, GERENTE, Simulator, office_seed, password_of


def give_browser(profile: Profile, ca_file: str, email: str, answer: str = "yes") -> Path:
    """The system's browser from now on, in which somebody signs in so; what it saw lies at the path."""
    config_path = profile.home_dir / "browser.json"
    config = {"email": email, "password": password_of(email), "ca_file": ca_file, "answer": answer}
    config_path.write_text(json.dumps(config))
    profile.environ["BROWSER"] = f"{sys.executable} {browse.__file__} {config_path} %s"
    return config_path.with_suffix(".seen")


def seen_at(path: Path) -> Any:
    return json.loads(path.read_text())


def test_link_and_portal_by_browser_connect_a_user(profile: Profile, simulator: Simulator) -> None:
    profile.set_up()
    seen_path = give_browser(profile, simulator.ca_file, GERENTE)
    for command in ("link", "portal"):
        done = profile.cli(command, MANAGER, "--browser", *profile.acting)
        assert done.code == 0, done
        seen = seen_at(seen_path)
        assert (seen["status"], seen["mode"]) == (200, 0o600)
        assert "You can close this page." in seen["text"]
    profile.wait_icon(MANAGER, "green")
    assert profile.user(MANAGER)["onvio_email"] == GERENTE


def test_secrets_stay_out_of_arguments_logs_and_files(
    profile: Profile, simulator: Simulator
) -> None:
    profile.set_up()
    seen_path = give_browser(profile, simulator.ca_file, GERENTE)
    assert profile.cli("link", MANAGER, "--browser", *profile.acting).code == 0
    seen = seen_at(seen_path)
    seen_path.unlink()
    assert not Path(urlsplit(seen["argument"]).path).exists()
    asked = parse_qs(urlsplit(seen["url"]).query)
    code = parse_qs(urlsplit(seen["end"]).query)["code"][0]
    for secret in (asked["state"][0], asked["nonce"][0], asked["code_challenge"][0], code):
        assert secret not in seen["argument"]
        assert secret.encode() not in profile.everything_written()
    port = urlsplit(asked["redirect_uri"][0]).port
    with socket.socket() as probe:  # the landing is gone
        assert probe.connect_ex(("127.0.0.1", port or 0)) != 0


def test_giving_up_on_the_page_and_another_persons_account_change_nothing(
    profile: Profile, simulator: Simulator
) -> None:
    profile.set(UI__LANGUAGE="pt_BR")
    profile.set_up()
    seen_path = give_browser(profile, simulator.ca_file, GERENTE, answer="no")
    done = profile.cli("link", MANAGER, "--browser", *profile.acting)
    assert (done.code, done.out) == (4, "")
    assert "\nsignin.cancelled: " in done.err
    assert "Você pode fechar esta página." in seen_at(seen_path)["text"]
    give_browser(profile, simulator.ca_file, ANA)
    done = profile.cli("link", MANAGER, "--browser", *profile.acting)
    assert (done.code, "\nmanager.not_admin: " in done.err) == (4, True)
    done = profile.cli("link", MANAGER, "--browser", "--email", GERENTE, *profile.acting)
    assert (done.code, "\nsignin.other_account: " in done.err) == (4, True)
    assert ANA in done.err
    assert GERENTE in done.err
    assert seen_at(seen_path)["status"] == 400
    assert profile.user(MANAGER)["link"]["state"] == "not_linked"


def test_ctrl_c_gives_up_and_closes_the_landing(profile: Profile, simulator: Simulator) -> None:
    profile.set_up()
    seen_path = give_browser(profile, simulator.ca_file, GERENTE, answer="nothing")
    words = [*PROGRAM, "link", MANAGER, "--browser", *profile.acting]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, env=profile.environ, stdout=pipe, stderr=pipe) as command:
        wait_for(seen_path)
        url = seen_at(seen_path)["url"]
        command.send_signal(signal.SIGINT)
        _out, err = command.communicate(timeout=20)
    assert command.returncode != 0
    assert b"Traceback" not in err
    back = urlsplit(parse_qs(urlsplit(url).query)["redirect_uri"][0])
    deadline = time.monotonic() + 10
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", back.port or 0)) != 0:
                break
        assert time.monotonic() < deadline
        time.sleep(0.05)


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + 20
    while not path.exists() or not path.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_without_a_browser_the_address_is_told(profile: Profile, simulator: Simulator) -> None:
    profile.set_up()
    profile.environ["BROWSER"] = "false %s"
    profile.environ["PATH"] = ""
    words = [*PROGRAM, "link", MANAGER, "--browser", *profile.acting]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, env=profile.environ, stdout=pipe, stderr=pipe) as command:
        assert command.stderr is not None
        said = [command.stderr.readline().decode() for _line in range(3)]
        page = browse.browse(
            said[2].strip(), GERENTE, password_of(GERENTE), ca_file=simulator.ca_file
        )
        command.communicate(timeout=20)
    assert (page.status, command.returncode) == (200, 0)


def test_options_that_do_not_go_together_are_wrong_usage(profile: Profile) -> None:
    profile.set_up()
    for more in (("--browser", "--password-stdin"), ("--browser", "--just-reset"), ()):
        assert profile.cli("link", MANAGER, *more, *profile.acting).code == 2


def test_a_server_without_the_password_grant_is_offered_the_browser(tmp_path: Path) -> None:
    simulator = Simulator(tmp_path / "simulator", office_seed(password_grant=False))
    profile = Profile(tmp_path / "home", simulator, ONVIO__CLIENT_ID=CLIENT_ID)
    try:
        profile.set_up()
        give_browser(profile, simulator.ca_file, GERENTE)
        done = profile.link(MANAGER)
        assert (done.code, done.err.startswith("auth.grant_refused: ")) == (4, True)
        assert "--browser" in done.err
        assert accept_the_offer(profile) == 0
        assert profile.user(MANAGER)["link"]["state"] == "unconfirmed"
    finally:
        profile.kill()
        simulator.stop()


def accept_the_offer(profile: Profile) -> int:
    """A person at a terminal types the password, and then only Enter."""
    ours, theirs = pty.openpty()
    words = [*PROGRAM, "link", MANAGER, "--email", EMAILS[MANAGER], *profile.acting]
    with subprocess.Popen(
        words, env=profile.environ, stdin=theirs, stdout=theirs, stderr=theirs
    ) as command:
        os.close(theirs)
        for prompt, answer in (("Domínio): ", password_of(GERENTE)), ("[Y/n]: ", "")):
            heard = ""
            while prompt not in heard:
                heard += os.read(ours, 4096).decode()
            os.write(ours, f"{answer}\n".encode())
        code = command.wait(20)
    os.close(ours)
    return code
