"""A launch agent of macOS. Not tried on a real macOS."""

from __future__ import annotations

import plistlib
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

from onvio_agent.autostart.place import Found, Login, Place, Start, can_start, remove, write

LABEL = "onvio-agent.tray"


class LaunchdPlace(Place):
    """`own` and `shared`: the folders LaunchAgents of the user and of all."""

    kind = "launchd"

    def __init__(self, own: Path, shared: Path) -> None:
        self._own = own / f"{LABEL}.plist"
        self._shared = shared / f"{LABEL}.plist"

    def look(self) -> Found:
        """See `Place.look`. What `launchctl disable` has kept elsewhere is not seen."""
        for path in (self._own, self._shared):
            if path.is_file():
                return Found(_login(_read(path)), str(path), path == self._shared)
        return Found(Login.OFF)

    def turn_on(self, start: Start, *, all_users: bool) -> None:
        """See `Place.turn_on`."""
        write(self._shared if all_users else self._own, plist_bytes(start))

    def turn_off(self, *, all_users: bool) -> None:
        """See `Place.turn_off`; one person cannot switch off here what is on for all."""
        remove(self._shared if all_users else self._own)


def plist_bytes(start: Start) -> bytes:
    """The property list that starts this once at login, in desktop sessions."""
    return plistlib.dumps(
        {
            "Label": LABEL,
            "ProgramArguments": list(start.command),
            "EnvironmentVariables": dict(start.environ),
            "RunAtLoad": True,
            "LimitLoadToSessionType": "Aqua",
            "ProcessType": "Interactive",
        }
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        found = plistlib.loads(path.read_bytes())
    except (OSError, ValueError, ExpatError, plistlib.InvalidFileException):
        return {}
    return found if isinstance(found, dict) else {}


def _login(keys: dict[str, Any]) -> Login:
    if keys.get("Disabled") is True:
        return Login.OFF
    return Login.ON if can_start(list(keys.get("ProgramArguments", []))) else Login.BROKEN
