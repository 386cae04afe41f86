"""The backend that a session offers is chosen by what really is there."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from onvio_tray.backends.base import Backend, BackendGone
from onvio_tray.backends.choose import choose
from support.backends import Reports
from support.buses import Bus, Desktop, eventually, private_bus
from support.displays import Screen, screen

HEAVY = ("dbus_fast", "asyncio", "Xlib", "pystray", "PIL")
LOADED = f"""
import sys
from onvio_tray.backends.base import Callbacks
from onvio_tray.backends.choose import choose
choose("auto", Callbacks(print, print, print))
print([name for name in {HEAVY} if name in sys.modules])
"""


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.fixture
def bus(bare: pytest.MonkeyPatch) -> Iterator[Bus]:
    with private_bus() as bus:
        bare.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
        yield bus


@pytest.fixture
def at(bare: pytest.MonkeyPatch) -> Iterator[Screen]:
    with screen("tint2") as at:
        bare.setenv("DISPLAY", at.name)
        yield at


def chosen(wanted: str = "auto") -> Backend:
    return choose(wanted, Reports().callbacks())


def has_panel() -> bool:
    try:
        return chosen().name == "x11"
    except BackendGone:
        return False


def test_without_display_and_bus_there_is_none_yet(bare: pytest.MonkeyPatch) -> None:
    with pytest.raises(BackendGone, match="no display"):
        chosen()


def test_a_display_without_a_panel_is_not_enough(at: Screen) -> None:
    with pytest.raises(BackendGone, match="no panel"):
        chosen()
    at.tint2()
    eventually(has_panel, "the panel is found")


def test_a_desktop_that_shows_items_comes_first(at: Screen, bus: Bus) -> None:
    at.tint2()
    eventually(has_panel, "the panel is found")
    desktop = Desktop(bus.address)
    assert chosen().name == "sni"
    desktop.close()
    assert chosen().name == "x11"


@pytest.mark.parametrize("wanted", ["sni", "x11", "pystray"])
def test_a_forced_backend_is_built_whatever_there_is(wanted: str, bare: pytest.MonkeyPatch) -> None:
    assert chosen(wanted).name == wanted


def test_a_plain_panel_costs_no_library_of_another_desktop(at: Screen, bus: Bus) -> None:
    at.tint2()
    eventually(has_panel, "the panel is found")
    done = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout.strip() == "['Xlib']"
