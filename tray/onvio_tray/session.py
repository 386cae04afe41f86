"""One tray in each session of the desktop, for as long as that lasts.

Several people may sit at one machine, each at their own.

On a terminal server every session has a profile of its own and with it an agent of its own; where two
sessions share a profile, each shows its icon, and both speak to the one agent.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path

from onvio_agent.lock import ProfileLock, is_held

_NAMES = ("DISPLAY", "WAYLAND_DISPLAY", "SESSIONNAME")
"""What tells the sessions of one user apart: on X11, on Wayland alone, on Windows."""

_WAIT_S = 2.0
"""A tray that starts itself anew has given its lock back a moment before."""


def session_of(environ: Mapping[str, str]) -> str:
    """The session's name, fit for a file; `session` where it has none (macOS: one a user)."""
    named = next((environ[name] for name in _NAMES if environ.get(name)), "")
    if sys.platform == "linux":
        named = named.removeprefix("unix").removesuffix(".0")  # :0, :0.0 and unix:0 are one display
    return re.sub(r"[^A-Za-z0-9.-]", "_", named)[:40].lstrip(".") or "session"


def claim(folder: Path, environ: Mapping[str, str]) -> ProfileLock:
    """The lock that makes this the session's only tray; held until the process ends.

    Raises `Failed('agent.already_running')` with the other one's pid.
    """
    lock = ProfileLock(_lock_path(folder, environ))
    lock.acquire(_WAIT_S)
    return lock


def others(folder: Path, environ: Mapping[str, str]) -> bool:
    """Whether another session of this profile shows the icon now."""
    own = _lock_path(folder, environ)
    return any(path != own and is_held(path) for path in sorted(folder.glob("tray-*.lock")))


def _lock_path(folder: Path, environ: Mapping[str, str]) -> Path:
    return folder / f"tray-{session_of(environ)}.lock"
