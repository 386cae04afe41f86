"""A virtual display with a window manager, panels on it, and what can be seen and clicked there."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from Xlib import X
from Xlib.display import Display
from Xlib.error import BadDrawable, BadWindow

from onvio_agent.contract.status import IconState
from support.buses import eventually
from support.seen import icon_seen

Box = tuple[int, int, int, int]
"""A piece of the screen: left, top, width, height in pixels."""

LXQT_PANEL: Box = (0, 448, 60, 32)
"""Where LXQt's panel shows the one icon."""

_SMALLEST = 8  # pixels: less is a panel that is still laying itself out
_DEBIAN = {
    "Xvfb": "xvfb",
    "openbox": "openbox",
    "tint2": "tint2",
    "trayer": "trayer",
    "lxqt-panel": "lxqt-panel",
    "xdotool": "xdotool",
    "dbus-daemon": "dbus",
}
_TINT2 = """
rounded = 0
border_width = 0
background_color = #303060 100
panel_items = S
panel_size = 200 32
panel_position = bottom right
panel_background_id = 1
panel_padding = 2 2 2
systray_padding = 2 2 4
systray_icon_size = 24
wm_menu = 0
"""
_LXQT = """
[General]
panels=panel1
__userfile__=true

[panel1]
plugins=statusnotifier
position=Bottom
panelSize=32
iconSize=24
width=100
width-percent=true

[statusnotifier]
alignment=Left
type=statusnotifier
"""


def needs(*programs: str) -> None:
    """Skip the test, with the reason, where one of them is missing."""
    missing = [_DEBIAN[name] for name in programs if shutil.which(name) is None]
    if missing:
        pytest.skip(f"needs the Debian packages {' '.join(missing)}")


class Screen:
    """An X server of this test alone, with openbox; every process that it starts ends with it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if name not in ("DBUS_SESSION_BUS_ADDRESS", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR")
        }
        self.environment |= {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder / "config")}
        self._running: list[subprocess.Popen[bytes]] = []
        self.name = self._start_server()
        self.environment["DISPLAY"] = self.name
        self.start("openbox", "--sm-disable")

    def _start_server(self) -> str:
        out, into = os.pipe()
        command = [
            "Xvfb",
            "-displayfd",
            str(into),
            "-screen",
            "0",
            "640x480x24",
            "-nolisten",
            "tcp",
            "-noreset",
        ]
        self._running.append(subprocess.Popen(command, pass_fds=[into], stderr=subprocess.DEVNULL))
        os.close(into)
        with os.fdopen(out) as chosen:
            return f":{chosen.readline().strip()}"

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """A program on this display."""
        process = subprocess.Popen(
            command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._running.append(process)
        return process

    def has(self, name: str) -> bool:
        """Whether a program of that name was started here."""
        return any(cast(list[str], each.args)[0] == name for each in self._running)

    def process(self, name: str) -> subprocess.Popen[bytes]:
        """The latest of that name."""
        named = [each for each in self._running if cast(list[str], each.args)[0] == name]
        return named[-1]

    def tint2(self) -> subprocess.Popen[bytes]:
        """A panel that takes icons in by XEmbed, at the bottom right."""
        path = self.folder / "tint2rc"
        path.write_text(_TINT2)
        return self.start("tint2", "-c", str(path))

    def trayer(self) -> subprocess.Popen[bytes]:
        """Another one, made with GTK, at the bottom right."""
        place = ["--edge", "bottom", "--align", "right", "--width", "20", "--height", "32"]
        return self.start("trayer", *place, "--transparent", "true", "--alpha", "0")

    def lxqt_panel(self) -> subprocess.Popen[bytes]:
        """A panel that shows StatusNotifierItems, at the bottom left. Needs a bus in `environment`."""
        path = self.folder / "panel.conf"
        path.write_text(_LXQT)
        runtime = self.folder / "run"
        runtime.mkdir(mode=0o700, exist_ok=True)
        self.environment["XDG_RUNTIME_DIR"] = str(runtime)
        return self.start("lxqt-panel", "--configfile", str(path))

    def stop(self) -> None:
        """End the display and all that runs on it, the newest first."""
        for process in reversed(self._running):
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait()

    @contextlib.contextmanager
    def connected(self) -> Iterator[Display]:
        """A connection of the test's own."""
        display = Display(self.name)
        try:
            yield display
        finally:
            display.close()

    def windows(self, name: str) -> list[Box]:
        """Where windows of that class lie on the screen: left, top, width, height in pixels."""
        with self.connected() as display:
            found: list[Box] = []
            _walk(display.screen().root, name, found)
            return found

    def icon_box(self) -> Box:
        """Where the icon has settled: in a panel that takes it in, or else in LXQt's."""
        found: list[Box] = []

        def settled() -> bool:
            before, found[:] = found[:], self.windows("onvio-tray")
            return bool(found) and found == before and min(found[0][2:]) > _SMALLEST

        if self.has("lxqt-panel"):
            return LXQT_PANEL
        eventually(settled, "the panel takes the icon in")
        return found[0]

    def pixels(self, box: Box) -> list[tuple[int, int, int]]:
        """Red, green, blue of every pixel there, row after row."""
        with self.connected() as display:
            return self.pixels_by(display, box)

    def pixels_by(self, display: Display, box: Box) -> list[tuple[int, int, int]]:
        """The same over a connection that is there already."""
        data = display.screen().root.get_image(*box, X.ZPixmap, 0xFFFFFFFF).data
        return [(data[at + 2], data[at + 1], data[at]) for at in range(0, len(data), 4)]

    def icon_in(self, box: Box) -> IconState | None:
        """Which of the icons is seen there."""
        return icon_seen(self.pixels(box), box[2])

    def click(self, box: Box, button: int = 1) -> None:
        """As a person clicks near its left edge."""
        x, y = box[0] + 12, box[1] + box[3] // 2
        self.point(x, y, "click", str(button))

    def point(self, x: int, y: int, *more: str) -> None:
        """Move the pointer there, and what more xdotool is to do."""
        command = ["xdotool", "mousemove", str(x), str(y), *more]
        subprocess.run(command, env=self.environment, check=True, timeout=20)


@contextlib.contextmanager
def screen(*programs: str) -> Iterator[Screen]:
    """A display for one test, which is skipped where a program is missing."""
    needs("Xvfb", "openbox", "xdotool", *programs)
    with tempfile.TemporaryDirectory(prefix="onvio-screen-") as folder:
        running = Screen(Path(folder))
        try:
            eventually(lambda: _has_manager(running), "the window manager is there")
            yield running
        finally:
            running.stop()


def _has_manager(running: Screen) -> bool:
    with running.connected() as display:
        atom = display.get_atom("_NET_SUPPORTING_WM_CHECK")
        return display.screen().root.get_full_property(atom, X.AnyPropertyType) is not None


def _walk(window: Any, name: str, found: list[Box]) -> None:
    for child in window.query_tree().children:
        with contextlib.suppress(BadDrawable, BadWindow):  # one that goes meanwhile is not there
            box = _box_of(child, name)
            if box is not None:
                found.append(box)
            _walk(child, name, found)


def _box_of(window: Any, name: str) -> Box | None:
    if name not in (window.get_wm_class() or ()):
        return None
    if window.get_attributes().map_state != X.IsViewable:
        return None
    geometry = window.get_geometry()
    at = window.translate_coords(window.query_tree().root, 0, 0)
    return -at.x, -at.y, geometry.width, geometry.height
