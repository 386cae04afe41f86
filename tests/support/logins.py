"""Login and logout of a workstation: display, panel, session bus, autostart entries, keyring.

Why: what comes up at login comes up late, in any order, and all of it goes away again. The bus starts no
keyring by itself, so that a test decides when there is one.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from onvio_agent.client import running_pid
from onvio_agent.lock import is_held
from onvio_tray.backends.x11_panel import panel_of
from support.buses import eventually
from support.displays import Screen, screen
from support.office import Profile

_PASSWORD = b"senha-do-login"
_NEEDED = {"dex": "dex", "dbus-daemon": "dbus", "gnome-keyring-daemon": "gnome-keyring"}
_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={path}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


class Login:
    """One session of the profile's user."""

    def __init__(self, profile: Profile, at: Screen | None) -> None:
        self.at = at
        self.profile = profile
        self._running: list[subprocess.Popen[bytes]] = []
        self._start_bus()

    def _start_bus(self) -> None:
        path = self.profile.home_dir / "bus"
        path.unlink(missing_ok=True)
        config = path.with_suffix(".conf")
        config.write_text(_BUS.format(path=path))
        self.profile.environ["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={path}"
        self._start("dbus-daemon", "--nofork", f"--config-file={config}")
        eventually(path.exists, "the session bus is there")

    def autostart(self) -> None:
        """Start what the user's autostart entries name, as a desktop does."""
        assert self.at is not None
        environ = {**self.profile.environ, "DISPLAY": self.at.name}
        subprocess.run(
            ["dex", "--autostart"], env=environ, check=True, timeout=30, stderr=subprocess.DEVNULL
        )

    def panel(self) -> None:
        """A panel, that takes icons in when this returns."""
        assert self.at is not None
        self.at.tint2()
        with self.at.connected() as display:
            eventually(lambda: panel_of(display), "the panel takes icons in")

    def unlock_keyring(self) -> None:
        """The keyring comes up, unlocked with the password of the login."""
        out, into = os.pipe()
        os.write(into, _PASSWORD)
        os.close(into)
        command = ("gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets")
        self._start(*command, stdin=out)
        os.close(out)

    def log_out(self, how: str) -> None:
        """`display`: the X server goes, as at most logouts; `signal`: the desktop ends its programs."""
        if how == "signal":
            for pid in _trays(self.profile):
                os.kill(pid, signal.SIGTERM)
        elif self.at is not None:
            self.at.stop()

    def close(self) -> None:
        """Bus and keyring go last."""
        for process in reversed(self._running):
            process.kill()
            process.wait()

    def _start(self, *command: str, stdin: int = subprocess.DEVNULL) -> None:
        environ = {k: v for k, v in self.profile.environ.items() if k != "ONVIO_AGENT_HOME"}
        quiet = subprocess.DEVNULL
        process = subprocess.Popen(command, env=environ, stdin=stdin, stdout=quiet, stderr=quiet)
        self._running.append(process)


@contextlib.contextmanager
def logged_in(profile: Profile, *, desktop: bool = True) -> Iterator[Login]:
    """A session; the test is skipped where a program that it needs is missing."""
    missing = [package for name, package in _NEEDED.items() if shutil.which(name) is None]
    if missing:
        pytest.skip(f"needs the Debian packages {' '.join(missing)}")
    with contextlib.ExitStack() as stack:
        at = stack.enter_context(screen("tint2")) if desktop else None
        login = Login(profile, at)
        stack.callback(login.close)
        yield login


def nothing_is_left(profile: Profile) -> None:
    """No process of the profile, no lock that is held, no address that answers."""
    eventually(lambda: not processes_of(profile), "no process of the profile is left", 20)
    assert running_pid(profile.paths) is None
    assert not profile.paths.runtime_path.exists()
    held = [path for path in profile.paths.runtime_dir.glob("*.lock") if is_held(path)]
    assert held == []


def processes_of(profile: Profile) -> list[int]:
    """Everything that was started with the profile's folder in its environment."""
    mark = f"ONVIO_AGENT_HOME={profile.home_dir}\0".encode()
    return [int(path.parent.name) for path in _environs() if mark in _read(path)]


def cpu_s_of(profile: Profile) -> float:
    """Processor seconds of everything of the profile that runs now, and of what that has waited for."""
    stats = [_read(Path(f"/proc/{pid}/stat")).rpartition(b") ")[2] for pid in processes_of(profile)]
    ticks = sum(sum(map(int, stat.split()[11:15])) for stat in stats)
    return ticks / os.sysconf("SC_CLK_TCK")


def _trays(profile: Profile) -> list[int]:
    return [
        pid for pid in processes_of(profile) if b"onvio_tray" in _read(Path(f"/proc/{pid}/cmdline"))
    ]


def _environs() -> list[Path]:
    return sorted(Path("/proc").glob("[0-9]*/environ"))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it has ended meanwhile
        return b""
