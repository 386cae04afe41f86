"""Whether the desktop that this program was started in is still there.

A session bus may outlive its desktop, and a panel may come and go within it: neither tells. Nothing is
spoken to the display; no library of it is loaded.
"""

from __future__ import annotations

import re
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

_X11_PORT = 6000
_WAIT_S = 2.0  # of a display on another machine


def is_there(environ: Mapping[str, str]) -> bool:
    """Whether its display takes connections; True where none is named, or the system has one always."""
    if sys.platform in ("win32", "darwin"):
        return True
    wayland = environ.get("WAYLAND_DISPLAY", "")
    if wayland:  # first: the X11 beside it may come and go
        return _takes(str(Path(environ.get("XDG_RUNTIME_DIR", ""), wayland)))
    found = re.fullmatch(r"(.*):(\d+)(?:\.\d+)?", environ.get("DISPLAY", ""))
    if found is None:
        return True
    host, number = found[1], int(found[2])
    if host not in ("", "unix"):
        return _answers(host, _X11_PORT + number)
    path = f"/tmp/.X11-unix/X{number}"  # noqa: S108 - where every X server listens
    return _takes("\0" + path) or _takes(path)


def _takes(path: str) -> bool:
    if sys.platform == "win32":
        return True
    with socket.socket(socket.AF_UNIX) as way:
        try:
            way.connect(path)
        except OSError:
            return False
    return True


def _answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), _WAIT_S).close()
    except OSError:
        return False
    return True
