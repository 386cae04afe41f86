"""A unit of the user's systemd: the agent alone, watched over and started again."""

from __future__ import annotations

import contextlib
import re
import shlex
import subprocess
from collections.abc import Sequence
from pathlib import Path

from onvio_agent.autostart.place import (
    NAME,
    Found,
    Login,
    Place,
    Start,
    can_start,
    refused,
    remove,
    write,
)

UNIT = f"{NAME}.service"
_WANTED = f"default.target.wants/{UNIT}"
_MASK = Path("/dev/null")
_RELOAD_LIMIT_S = 10.0


class SystemdPlace(Place):
    """`own`: the user's folder of units; `shared`: those for all, the administrator's first."""

    kind = "systemd"

    def __init__(self, own: Path, shared: Sequence[Path]) -> None:
        self._own = own
        self._shared = list(shared)

    def look(self) -> Found:
        """See `Place.look`: the first unit of that name counts; it starts where a folder wants it."""
        folders = [self._own, *self._shared]
        folder = next((each for each in folders if _is_there(each / UNIT)), None)
        if folder is None:
            return Found(Login.OFF)
        path = folder / UNIT
        wanting = [each for each in folders if _is_there(each / _WANTED)]
        all_users = self._own not in (folder, *wanting)
        if path.resolve() == _MASK or not wanting:
            return Found(Login.OFF, str(path), all_users)
        login = Login.ON if can_start(_command(path)) else Login.BROKEN
        return Found(login, str(path), all_users)

    def turn_on(self, start: Start, *, all_users: bool) -> None:
        """See `Place.turn_on`."""
        folder = self._shared[0] if all_users else self._own
        remove(folder / UNIT)  # a mask is a link: what is written must not go through it
        write(folder / UNIT, unit_text(start))
        _link(folder / _WANTED, folder / UNIT)

    def turn_off(self, *, all_users: bool) -> None:
        """See `Place.turn_off`: where it is on for all users, a mask of one's own stops that."""
        folder = self._shared[0] if all_users else self._own
        remove(folder / _WANTED)
        remove(folder / UNIT)
        if not all_users and self.look().login is not Login.OFF:
            _link(self._own / UNIT, _MASK)


def reload() -> None:
    """Have the running systemd of this user, if there is one, read its units again."""
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        subprocess.run(
            ["systemctl", "--user", "daemon-reload"],  # noqa: S607 - as a person would
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_RELOAD_LIMIT_S,
            check=False,
        )


def unit_text(start: Start) -> str:
    """The unit that runs this.

    Exit codes 2, 4 and 5 (settings, a locked setting, another agent on this profile) would be the
    same again: those are not tried again. Only what a user's systemd may do without root is asked.
    """
    environ = "".join(
        f"Environment={_quoted(f'{name}={value}')}\n" for name, value in start.environ.items()
    )
    return f"""\
[Unit]
Description=ONVIO agent: keeps this office connected
Documentation=man:onvio-agent(1)
StartLimitIntervalSec=300
StartLimitBurst=5

[Service]
Type=notify
{environ}ExecStart={" ".join(_quoted(word).replace("$", "$$") for word in start.command)}
Restart=on-failure
RestartSec=5
RestartPreventExitStatus=5 4 2
WatchdogSec=90
TimeoutStartSec=60
TimeoutStopSec=15
UMask=0077
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictNamespaces=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
SystemCallArchitectures=native

[Install]
WantedBy=default.target
"""


def _quoted(word: str) -> str:
    inner = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return inner if re.fullmatch(r"[A-Za-z0-9_./:=@%+-]+", inner) else f'"{inner}"'


def _command(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
        found = re.search(r"^ExecStart=(.+)$", text, re.MULTILINE)
        return shlex.split(found[1].replace("%%", "%").replace("$$", "$")) if found else []
    except (OSError, ValueError):
        return []


def _is_there(path: Path) -> bool:
    return path.is_symlink() or path.is_file()


def _link(path: Path, target: Path) -> None:
    remove(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)
    except OSError as error:
        raise refused(path) from error
