"""The icon on plain X11 panels: what is seen there as pixels, and what a click reaches."""

from __future__ import annotations

import contextlib
import random
import signal
import statistics
import subprocess
import time
from collections.abc import Iterator

import pytest

from onvio_agent.contract.status import IconState
from onvio_tray.backends.base import SEPARATOR, Backend, Callbacks, MenuItem
from onvio_tray.backends.x11 import X11Backend
from support.backends import ICONS, Reports, running, shown, wait_gone
from support.buses import eventually
from support.campaign import Tell
from support.displays import Screen, screen

CLASS = "onvio-tray"
START = {"tint2": Screen.tint2, "trayer": Screen.trayer}
PANELS = tuple(START)
MENU = (
    MenuItem(id="", label="Conectado ao ONVIO.", enabled=False),
    SEPARATOR,
    MenuItem(id="reconnect", label="Conectar novamente"),
    MenuItem(id="user:ana", label="Ana Conceição", icon=IconState.GREEN),
)


@contextlib.contextmanager
def display(monkeypatch: pytest.MonkeyPatch, *panels: str) -> Iterator[Screen]:
    with screen(*panels) as at:
        monkeypatch.setenv("DISPLAY", at.name)
        yield at


@pytest.fixture(params=PANELS)
def panel(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def at(panel: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Screen]:
    with display(monkeypatch, panel) as at:
        START[panel](at)
        yield at


def patient(callbacks: Callbacks) -> X11Backend:
    return X11Backend(callbacks, patience_s=60)


def impatient(callbacks: Callbacks) -> X11Backend:
    return X11Backend(callbacks, patience_s=2)


@pytest.fixture
def tray(at: Screen) -> Iterator[tuple[Backend, Reports]]:
    with running(patient) as (backend, reports):
        at.icon_box()
        yield backend, reports


def wait_seen(at: Screen, icon: IconState) -> None:
    box = at.icon_box()
    eventually(lambda: at.icon_in(box) == icon, f"{icon} is seen")


@pytest.mark.parametrize("icon", ICONS)
def test_each_icon_is_seen(icon: IconState, at: Screen, tray: tuple[Backend, Reports]) -> None:
    tray[0].show(shown(icon))
    wait_seen(at, icon)


@pytest.mark.parametrize("button", [1, 2])
def test_a_click_arrives(button: int, at: Screen, tray: tuple[Backend, Reports]) -> None:
    at.click(at.icon_box(), button)
    eventually(lambda: tray[1].clicks == 1, "the click arrives")
    assert not tray[1].chosen


def test_a_right_click_opens_the_menu_and_a_choice_arrives(
    at: Screen, tray: tuple[Backend, Reports]
) -> None:
    backend, reports = tray
    backend.show(shown(IconState.GREEN, "Conectado.", *MENU))
    box = at.icon_box()
    x, y = box[0] + box[2] // 2, box[1] + box[3] // 2
    above = (0, 0, 640, 440)
    before = at.pixels(above)
    at.click(box, button=3)
    eventually(lambda: at.pixels(above) != before, "the menu is seen")
    side = -20 if x > 560 else 20  # the menu stays on the screen
    for height in range(y - 4, y - 120, -4):  # the last line first, then the one above
        at.point(x + side, height, "click", "1")
        time.sleep(0.05)
        if reports.chosen:
            break
    assert reports.chosen == ["user:ana"]
    eventually(lambda: at.pixels(above) == before, "the menu is closed")
    assert reports.clicks == 0


def test_a_click_beside_the_menu_closes_it(at: Screen, tray: tuple[Backend, Reports]) -> None:
    tray[0].show(shown(IconState.GREEN, "Conectado.", *MENU))
    box = at.icon_box()
    everything = (0, 0, 640, 440)
    before = at.pixels(everything)
    at.click(box, button=3)
    eventually(lambda: at.pixels(everything) != before, "the menu is seen")
    at.point(5, 5, "click", "1")
    eventually(lambda: at.pixels(everything) == before, "the menu is closed")
    assert not tray[1].chosen
    wait_seen(at, IconState.GREEN)
    at.click(box)
    eventually(lambda: tray[1].clicks == 1, "the icon takes clicks again")


def test_a_resting_pointer_is_told_the_sentence(at: Screen, tray: tuple[Backend, Reports]) -> None:
    tray[0].show(shown(IconState.GREEN, "Conectado ao ONVIO, verificado há 2 min."))
    box = at.icon_box()
    everything = (0, 0, 640, 480)
    before = at.pixels(everything)
    at.point(box[0] + box[2] // 2, box[1] + box[3] // 2)
    eventually(lambda: at.pixels(everything) != before, "the sentence is seen")
    at.point(5, 5)
    eventually(lambda: at.pixels(everything) == before, "the sentence has gone")


def test_five_hundred_changes_at_any_pace_leave_the_last_one(
    at: Screen, tray: tuple[Backend, Reports]
) -> None:
    draw = random.Random(4)
    for _ in range(10):
        states = draw.choices(ICONS, k=50)
        for icon in states:
            tray[0].show(shown(icon))
            if draw.random() < 0.3:
                time.sleep(draw.random() * 0.02)
        wait_seen(at, states[-1])
    assert not tray[1].ended


def test_how_long_a_change_takes_to_be_seen(
    panel: str, at: Screen, tray: tuple[Backend, Reports], tell: Tell
) -> None:
    box, took = at.icon_box(), []
    middle = (box[0] + box[2] // 2, box[1] + box[3] // 2, 1, 1)
    with at.connected() as watching:
        for number in range(50):
            icon = ICONS[number % 2]  # their middles differ in colour
            before = at.pixels_by(watching, middle)
            started = time.perf_counter()
            tray[0].show(shown(icon))
            while number and at.pixels_by(watching, middle) == before:
                assert time.perf_counter() - started < 10, f"{icon} is not seen"
            took.append((time.perf_counter() - started) * 1000)
            time.sleep(0.01)
    tell(f"change to pixels, {panel}", ms_median=statistics.median(took))


def ended(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def test_a_panel_that_crashes_and_returns_shows_the_icon_again(
    panel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with display(monkeypatch, panel) as at, running(patient) as (backend, reports):
        for icon in ICONS:
            process = START[panel](at)
            backend.show(shown(icon))
            wait_seen(at, icon)
            ended(process)
            eventually(lambda: not at.windows(CLASS), "the icon has gone with its panel")
        assert not reports.ended


def test_a_panel_that_comes_late_takes_the_icon_in(
    panel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with display(monkeypatch, panel) as at, running(patient) as (backend, _):
        backend.show(shown(IconState.PLAY))
        time.sleep(0.3)
        START[panel](at)
        wait_seen(at, IconState.PLAY)


def test_a_panel_that_stays_away_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with display(monkeypatch, "tint2") as at, running(impatient) as (_, reports):
        process = at.tint2()
        at.icon_box()
        ended(process)
        wait_gone(reports, "no panel takes icons in")


def test_a_panel_that_hangs_does_not_hang_the_icon(
    at: Screen, panel: str, tray: tuple[Backend, Reports]
) -> None:
    process = at.process(panel)
    process.send_signal(signal.SIGSTOP)
    beats = tray[1].beats
    for icon in (*ICONS, IconState.PLAY):
        tray[0].show(shown(icon))
    eventually(lambda: tray[1].beats > beats, "the loop lives")
    process.send_signal(signal.SIGCONT)
    wait_seen(at, IconState.PLAY)


def test_a_change_of_the_keyboard_is_no_news(at: Screen, tray: tuple[Backend, Reports]) -> None:
    """Everybody is told of it; such an event has no window."""
    with at.connected() as other:
        first = other.display.info.min_keycode
        other.change_keyboard_mapping(first, other.get_keyboard_mapping(first, 1))
        other.sync()
    tray[0].show(shown(IconState.GREEN))
    wait_seen(at, IconState.GREEN)
    assert not tray[1].ended


@pytest.mark.filterwarnings("ignore:.*unclosed.*socket")  # python-xlib leaves it behind then
@pytest.mark.parametrize("name", ["", ":4999", "nonsense"])
def test_without_a_display_it_says_so(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", name)
    with running(patient) as (_, reports):
        wait_gone(reports, "no display")


def test_a_display_that_dies_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    with display(monkeypatch, "tint2") as at:
        at.tint2()
        with running(patient) as (backend, reports):
            at.icon_box()
            at.stop()
            wait_gone(reports, "the display has gone")
            backend.show(shown(IconState.GREEN))  # nobody minds
