"""The whole of it on real panels: simulator, agent and tray, judged by the pixels and the journal."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from onvio_agent.client import running_pid
from support.buses import eventually, private_bus
from support.campaign import Tell
from support.displays import Screen, screen
from support.office import Profile
from support.programs import TRAY
from support.sim import ANA, Simulator

GREY_WITHIN_S = 45.0  # 40 without a sign of life, and the time to see it
LONG_VALID = {"PROBE__VALID_MIN_S": 600, "LINKS__VALID_S": 600}
"""So that grey means that the tray hears nothing, not that a verdict has grown old."""

PANELS = ("tint2", "lxqt-panel")


class Desk:
    """One workstation: display, panel, profile and tray."""

    def __init__(self, at: Screen, profile: Profile) -> None:
        self.at = at
        self.profile = profile
        names = ("DISPLAY", "DBUS_SESSION_BUS_ADDRESS")
        self.environ = profile.environ | {
            name: at.environment[name] for name in names if name in at.environment
        }
        self.tray = subprocess.Popen(
            TRAY,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def sees(self, icon: str, within_s: float = 20.0) -> None:
        """Wait until the pixels are this icon's."""
        box = self.at.icon_box()
        eventually(lambda: self.at.icon_in(box) == icon, f"{icon} is seen", within_s)

    def click(self) -> None:
        """The left button, on the icon; then the pointer goes away, as a hand does."""
        self.at.click(self.at.icon_box())
        self.at.point(300, 100)

    def end(self) -> str:
        """End the tray; what it said."""
        self.tray.send_signal(signal.SIGTERM)
        _out, said = self.tray.communicate(timeout=10)
        assert self.tray.returncode == 0, said
        return said


@pytest.fixture(params=PANELS)
def desk(request: pytest.FixtureRequest, tmp_path: Path, simulator: Simulator) -> Iterator[Desk]:
    profile = Profile(tmp_path / "home", simulator, **LONG_VALID)
    with contextlib.ExitStack() as stack:
        bus = stack.enter_context(private_bus()) if request.param == "lxqt-panel" else None
        at = stack.enter_context(screen(request.param))
        if bus:
            at.environment["DBUS_SESSION_BUS_ADDRESS"] = bus.address
            at.lxqt_panel()
        else:
            at.tint2()
        stack.callback(kill_agent, profile)
        profile.seat("ana")
        desk = Desk(at, profile)
        try:
            desk.sees("green")
            yield desk
            assert "Traceback" not in desk.end()
        finally:
            desk.tray.kill()
            desk.tray.communicate()


def kill_agent(profile: Profile) -> None:
    """Whichever runs: the test's own, or one that the tray has started."""
    profile.kill()
    pid = running_pid(profile.paths)
    if pid is not None:
        os.kill(pid, signal.SIGKILL)


def test_the_pixels_follow_what_happens_and_a_click_brings_it_back(
    desk: Desk, simulator: Simulator
) -> None:
    desk.profile.must("pause")
    desk.sees("play")
    seen = simulator.journal()[-1]["n"]
    desk.click()
    desk.sees("green")
    assert [entry for entry in simulator.journal(seen) if entry["account"] == ANA]

    simulator.revoke(ANA)
    desk.sees("play")
    assert desk.profile.link("ana").code == 0
    desk.sees("green")

    simulator.kill()
    desk.sees("grey")
    simulator.start()
    desk.click()
    desk.sees("green")


def test_an_agent_that_was_killed_greys_and_a_click_starts_another(desk: Desk, tell: Tell) -> None:
    killed = time.monotonic()
    desk.profile.kill()
    desk.sees("grey", GREY_WITHIN_S)
    tell("agent killed, seen", seconds=time.monotonic() - killed)
    desk.click()
    desk.sees("green", 30)
    assert running_pid(desk.profile.paths) is not None


@pytest.mark.slow
def test_an_agent_that_hangs_greys_and_a_click_replaces_it(desk: Desk, tell: Tell) -> None:
    hung = running_pid(desk.profile.paths)
    assert hung is not None
    stopped = time.monotonic()
    os.kill(hung, signal.SIGSTOP)
    desk.sees("grey", GREY_WITHIN_S)
    tell("agent stopped, seen", seconds=time.monotonic() - stopped)
    desk.click()
    desk.sees("green", 30)
    assert running_pid(desk.profile.paths) not in (None, hung)
    assert desk.profile.process is not None
    assert desk.profile.process.wait(10) == -signal.SIGKILL


def test_a_tray_without_a_panel_takes_its_place_when_one_comes(
    tmp_path: Path, simulator: Simulator
) -> None:
    profile = Profile(tmp_path / "home", simulator)
    with screen("tint2") as at:
        try:
            profile.seat()
            desk = Desk(at, profile)
            time.sleep(2)
            at.tint2()
            desk.sees("green", 30)
            assert desk.end().count("No desktop shows icons here yet") == 1  # in English here
        finally:
            kill_agent(profile)
