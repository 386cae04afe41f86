"""Launch agents of macOS, in folders of the test."""

from __future__ import annotations

import plistlib
import sys
from pathlib import Path

from onvio_agent.autostart.launchd import LABEL, LaunchdPlace
from onvio_agent.autostart.place import Login, Start

START = Start([sys.executable, "-m", "onvio_tray"], {"A": "b"})


def test_on_and_off_are_seen_and_leave_nothing(tmp_path: Path) -> None:
    place = LaunchdPlace(tmp_path / "own", tmp_path / "shared")
    path = tmp_path / "own" / f"{LABEL}.plist"
    assert place.look() == (Login.OFF, "", False)
    place.turn_on(START, all_users=False)
    assert place.look() == (Login.ON, str(path), False)
    written = plistlib.loads(path.read_bytes())
    assert written["ProgramArguments"] == list(START.command)
    assert written["RunAtLoad"] is True
    place.turn_off(all_users=False)
    place.turn_on(START, all_users=True)
    assert place.look().all_users
    place.turn_off(all_users=True)
    assert place.look() == (Login.OFF, "", False)


def test_what_was_disabled_is_off_and_what_cannot_be_read_is_broken(tmp_path: Path) -> None:
    place = LaunchdPlace(tmp_path, tmp_path / "shared")
    place.turn_on(START, all_users=False)
    path = tmp_path / f"{LABEL}.plist"
    path.write_bytes(plistlib.dumps(plistlib.loads(path.read_bytes()) | {"Disabled": True}))
    assert place.look().login is Login.OFF
    for content in (b"", b"<plist", plistlib.dumps([])):
        path.write_bytes(content)
        assert place.look().login is Login.BROKEN
