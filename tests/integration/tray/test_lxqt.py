"""The StatusNotifierItem on a real panel: LXQt's, whose pixels and clicks decide."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator

import pytest

from onvio_agent.contract.status import IconState
from onvio_tray.backends.base import Backend, MenuItem
from onvio_tray.backends.sni import SniBackend
from support.backends import ICONS, Reports, running, shown
from support.buses import eventually, private_bus
from support.campaign import Tell
from support.displays import LXQT_PANEL, Box, Screen, screen


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Iterator[Screen]:
    with private_bus() as bus, screen("lxqt-panel") as at:
        at.environment["DBUS_SESSION_BUS_ADDRESS"] = bus.address
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
        at.lxqt_panel()
        yield at


@pytest.fixture
def tray(at: Screen) -> Iterator[tuple[Backend, Reports]]:
    with running(lambda callbacks: SniBackend(callbacks, patience_s=60)) as (backend, reports):
        yield backend, reports


def wait_seen(at: Screen, icon: IconState) -> None:
    eventually(lambda: at.icon_in(LXQT_PANEL) == icon, f"{icon} is seen", within_s=20)


@pytest.mark.parametrize("icon", ICONS)
def test_each_icon_is_seen_and_a_click_arrives(
    icon: IconState, at: Screen, tray: tuple[Backend, Reports]
) -> None:
    tray[0].show(shown(icon))
    wait_seen(at, icon)
    at.click(LXQT_PANEL)
    eventually(lambda: tray[1].clicks == 1, "the click arrives")


def test_the_menu_opens_and_a_choice_arrives(at: Screen, tray: tuple[Backend, Reports]) -> None:
    backend, reports = tray
    line = MenuItem(id="reconnect", label="Conectar novamente")
    backend.show(shown(IconState.PLAY, "Sessão terminada.", line))
    wait_seen(at, IconState.PLAY)
    above: Box = (0, 380, 200, 60)
    before = at.pixels(above)
    at.click(LXQT_PANEL, button=3)
    eventually(lambda: at.pixels(above) != before, "the menu is seen")
    for height in range(440, 380, -5):
        at.point(60, height, "click", "1")
        if reports.chosen:
            break
    eventually(lambda: reports.chosen == ["reconnect"], "the choice arrives")


def test_five_hundred_changes_at_any_pace_leave_the_last_one(
    at: Screen, tray: tuple[Backend, Reports]
) -> None:
    draw = random.Random(4)
    for _ in range(5):
        states = draw.choices(ICONS, k=100)
        for icon in states:
            tray[0].show(shown(icon, attention=icon is IconState.PLAY))
            if draw.random() < 0.3:
                time.sleep(draw.random() * 0.02)
        wait_seen(at, states[-1])


def test_a_panel_that_crashes_and_returns_shows_the_icon_again(
    at: Screen, tray: tuple[Backend, Reports]
) -> None:
    for icon in ICONS:
        tray[0].show(shown(icon))
        wait_seen(at, icon)
        panel = at.process("lxqt-panel")
        panel.kill()
        panel.wait()
        eventually(lambda: at.icon_in(LXQT_PANEL) is None, "the icon has gone with its panel")
        at.lxqt_panel()
    wait_seen(at, ICONS[-1])
    assert not tray[1].ended


def test_how_long_a_change_takes_to_be_seen(
    at: Screen, tray: tuple[Backend, Reports], tell: Tell
) -> None:
    tray[0].show(shown(ICONS[1]))
    wait_seen(at, ICONS[1])
    middle: Box = (LXQT_PANEL[0] + 16, LXQT_PANEL[1] + 16, 1, 1)
    took = []
    with at.connected() as watching:
        for number in range(50):
            before = at.pixels_by(watching, middle)
            started = time.perf_counter()
            tray[0].show(shown(ICONS[number % 2]))
            while at.pixels_by(watching, middle) == before:
                assert time.perf_counter() - started < 10, "it is not seen"
            took.append((time.perf_counter() - started) * 1000)
            time.sleep(0.01)
    tell("change to pixels, lxqt-panel", ms_median=statistics.median(took))
