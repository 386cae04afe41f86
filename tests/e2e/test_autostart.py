"""`autostart`, and what it starts: the icon with its agent, the agent as a service."""

from __future__ import annotations

import os
import signal
import socket
import sys
from pathlib import Path

import pytest

from onvio_agent.client import running_pid
from support.buses import eventually
from support.office import Profile
from support.trays import Tray

OFF = {"state": "off", "all_users": False, "where": None}


@pytest.fixture
def at_home(lonely: Profile) -> Profile:
    """A profile whose entries lie in its own folders, and no others are seen."""
    lonely.environ["XDG_CONFIG_DIRS"] = str(lonely.home_dir / "nobody")
    return lonely


@pytest.mark.skipif(sys.platform != "linux", reason="XDG and systemd are Linux's")
def test_what_is_switched_is_what_is_told(at_home: Profile) -> None:
    told = at_home.must("autostart", "status", "--json").json()
    assert told["icon"] == {"kind": "xdg", **OFF}
    assert told["service"]["state"] == "off"
    said = at_home.must("autostart", "on")
    entry = at_home.home_dir / ".config/autostart/onvio-agent.desktop"
    assert f"Icon and agent: on  (for this user: {entry})" in said.out
    assert f"ONVIO_AGENT_HOME={at_home.home_dir}" in entry.read_text(encoding="utf-8")
    at_home.must("autostart", "on", "--service")
    told = at_home.must("autostart", "status", "--json").json()
    assert (told["icon"]["state"], told["service"]["state"]) == ("on", "on")
    at_home.must("autostart", "off")
    told = at_home.must("autostart", "status", "--json").json()
    assert (told["icon"]["state"], told["service"]["state"]) == ("off", "off")


def test_a_place_that_cannot_be_written_is_named(at_home: Profile) -> None:
    (at_home.home_dir / ".config").write_text("in the way")
    done = at_home.cli("autostart", "on")
    assert done.code == 5
    assert done.err.startswith("autostart.refused: ")
    assert str(at_home.home_dir / ".config/autostart") in done.err
    assert not done.out


def test_systemd_hears_that_the_agent_is_ready_lives_and_ends(
    at_home: Profile, tmp_path: Path
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(tmp_path / "notify"))
        heard.settimeout(20)
        at_home.environ |= {
            "NOTIFY_SOCKET": str(tmp_path / "notify"),
            "WATCHDOG_USEC": "600000",
        }
        at_home.launch()
        assert heard.recv(100) == b"READY=1"
        assert running_pid(at_home.paths) is not None
        assert [heard.recv(100) for _ in range(3)] == [b"WATCHDOG=1"] * 3
        assert at_home.stop() == 0
        heard.setblocking(False)
        last = b""
        while last != b"STOPPING=1":
            last = heard.recv(100)


def test_the_icon_brings_its_agent_and_takes_it_along(at_home: Profile) -> None:
    tray = Tray(at_home.environ, words=["--with-agent"])
    eventually(lambda: running_pid(at_home.paths), "the agent runs", 20)
    assert tray.end()[0] == 0
    assert running_pid(at_home.paths) is None


def test_an_agent_that_ran_before_outlives_the_icon(at_home: Profile) -> None:
    at_home.start(online=False)
    pid = running_pid(at_home.paths)
    tray = Tray(at_home.environ, words=["--with-agent"])
    tray.wait(lambda said: said["say"] == "show", "an icon")
    assert tray.end()[0] == 0
    assert running_pid(at_home.paths) == pid


def test_the_agent_stays_for_another_session(at_home: Profile) -> None:
    first = Tray(at_home.environ, words=["--with-agent"])
    eventually(lambda: running_pid(at_home.paths), "the agent runs", 20)
    pid = running_pid(at_home.paths)
    second = Tray(at_home.environ, words=["--with-agent"], DISPLAY=":1")
    second.wait(lambda said: said["say"] == "show", "an icon")
    assert first.end()[0] == 0
    assert running_pid(at_home.paths) == pid
    assert second.end()[0] == 0
    assert pid is not None
    os.kill(pid, signal.SIGTERM)
    eventually(lambda: running_pid(at_home.paths) is None, "it ends as told")


def test_icon_and_service_at_once_are_one_agent(at_home: Profile) -> None:
    service = at_home.launch()
    tray = Tray(at_home.environ, words=["--with-agent"])
    eventually(lambda: running_pid(at_home.paths), "one of them runs", 20)
    pid = running_pid(at_home.paths)
    tray.wait(lambda said: said["say"] == "show", "an icon")
    assert tray.end()[0] == 0
    if pid == service.pid:
        assert running_pid(at_home.paths) == pid
        assert at_home.stop() == 0
    else:  # the icon's was quicker, and went with it
        assert service.wait(20) == 5
        assert running_pid(at_home.paths) is None
