"""The Run key of Windows, and what the task manager says of it. Not tried on a real Windows.

The registry is passed in (`windows_registry.py` is the real one), so that what is written and read can be
tested anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from subprocess import list2cmdline
from typing import Protocol

from onvio_agent.autostart.place import NAME, Found, Login, Place, Start, can_start

RUN = r"Software\Microsoft\Windows\CurrentVersion\Run"
APPROVED = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"
_SWITCHED_OFF = 1  # the lowest bit of the first byte: 02 is on, 03 is off


class Registry(Protocol):
    """Values of HKEY_CURRENT_USER, or of HKEY_LOCAL_MACHINE for `all_users`."""

    def get(self, key: str, *, all_users: bool) -> str | bytes | None:
        """The value named after this program below `key`; None where there is none."""

    def put(self, key: str, value: str, *, all_users: bool) -> None:
        """Set it. Raises `Failed` (autostart.refused)."""

    def drop(self, key: str, *, all_users: bool) -> None:
        """Take it away, if it is there. Raises `Failed` (autostart.refused)."""


class RunKeyPlace(Place):
    """The user's key, and the one for all."""

    kind = "run_key"

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def look(self) -> Found:
        """See `Place.look`; Windows starts both, and either is switched off by its own mark."""
        found = [self._look(all_users=all_users) for all_users in (False, True)]
        return next((each for each in found if each.login is not Login.OFF), found[0])

    def turn_on(self, start: Start, *, all_users: bool) -> None:
        """See `Place.turn_on`. Variables cannot be given here: those of the session count."""
        self._registry.put(RUN, command_line(start.command), all_users=all_users)
        self._registry.drop(APPROVED, all_users=all_users)

    def turn_off(self, *, all_users: bool) -> None:
        """See `Place.turn_off`; one person cannot switch off here what is on for all."""
        self._registry.drop(RUN, all_users=all_users)
        self._registry.drop(APPROVED, all_users=all_users)

    def _look(self, *, all_users: bool) -> Found:
        line = self._registry.get(RUN, all_users=all_users)
        where = ("HKLM\\" if all_users else "HKCU\\") + RUN + "\\" + NAME
        if not isinstance(line, str):
            return Found(Login.OFF)
        mark = self._registry.get(APPROVED, all_users=all_users)
        if isinstance(mark, bytes) and mark and mark[0] & _SWITCHED_OFF:
            return Found(Login.OFF, where, all_users)
        program = re.match(r'"([^"]*)"|(\S+)', line)
        there = program is not None and can_start([program[1] or program[2] or ""])
        return Found(Login.ON if there else Login.BROKEN, where, all_users)


def command_line(words: Sequence[str]) -> str:
    """One line as Windows takes it apart again."""
    return list2cmdline(words)
