"""Autostart entries of Linux desktops (Desktop Application Autostart Specification 0.5)."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from onvio_agent.autostart.place import NAME, Found, Login, Place, Start, can_start, remove, write

_FILE = f"autostart/{NAME}.desktop"
_RESERVED = re.compile(r"[^A-Za-z0-9_./:=@%+-]")
_SWITCHES = ("X-GNOME-Autostart-enabled", "X-MATE-Autostart-enabled")
"""What desktops write where they do not hide an entry."""

_OFF = ("[Desktop Entry]\nType=Application\nName=ONVIO\nHidden=true\n")  # fmt: skip


class XdgPlace(Place):
    """`config_home`: the user's folder; `config_dirs`: those for all, the strongest first."""

    kind = "xdg"

    def __init__(self, config_home: Path, config_dirs: Sequence[Path]) -> None:
        self._own = config_home / _FILE
        self._shared = [folder / _FILE for folder in config_dirs]

    def look(self) -> Found:
        """See `Place.look`: the first file of that name decides, and hides all others."""
        path = next((path for path in (self._own, *self._shared) if path.is_file()), None)
        if path is None:
            return Found(Login.OFF)
        return Found(_login(_entry(path)), str(path), path != self._own)

    def turn_on(self, start: Start, *, all_users: bool) -> None:
        """See `Place.turn_on`."""
        write(self._shared[0] if all_users else self._own, entry_text(start))

    def turn_off(self, *, all_users: bool) -> None:
        """See `Place.turn_off`: where it is on for all users, an entry of one's own hides that."""
        for path in self._shared if all_users else [self._own]:
            remove(path)
        if not all_users and self.look().login is not Login.OFF:
            write(self._own, _OFF)


def entry_text(start: Start) -> str:
    """The entry that starts this at login."""
    words = list(start.command)
    if start.environ:
        words = ["env", *(f"{name}={value}" for name, value in start.environ.items()), *words]
    return (
        "[Desktop Entry]\n"
        "Type=Application\n"
        "Name=ONVIO\n"
        "Comment=Connection to ONVIO\n"
        "Comment[pt_BR]=Conexão com o ONVIO\n"
        f"Exec={' '.join(_quoted(word) for word in words)}\n"
        f"{_tried(start)}Icon={NAME}\n"
        "Terminal=false\n"
        "NoDisplay=true\n"
        "X-GNOME-Autostart-enabled=true\n"
    )


def _tried(start: Start) -> str:
    """Where the program was taken away, desktops pass over the entry in silence."""
    return f"TryExec={start.command[0]}\n" if start.command else ""


def _quoted(word: str) -> str:
    """An argument as `Exec` takes it: quoted, and the backslashes of that once more as in any value."""
    word = word.replace("%", "%%")
    if word and not _RESERVED.search(word):
        return word
    inner = re.sub(r'(["`$\\])', r"\\\1", word)
    return f'"{inner}"'.replace("\\", "\\\\")


def _entry(path: Path) -> Mapping[str, str]:
    """The keys of its main group; none where it cannot be read."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    keys: dict[str, str] = {}
    group = ""
    for line in lines:
        if line.startswith("["):
            group = line.strip()
        name, equals, value = line.partition("=")
        if equals and group == "[Desktop Entry]":
            keys.setdefault(name.strip(), value.strip())
    return keys


def _login(keys: Mapping[str, str]) -> Login:
    if keys.get("Hidden") == "true" or any(keys.get(name) == "false" for name in _SWITCHES):
        return Login.OFF
    try:
        words = shlex.split(keys.get("Exec", "").replace("\\\\", "\\").replace("%%", "%"))
    except ValueError:
        words = []
    return Login.ON if can_start(words) else Login.BROKEN
