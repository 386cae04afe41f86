"""What every way of starting at login has in common."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, Protocol

from onvio_agent.errors import Failed

NAME = "onvio-agent"


class Login(StrEnum):
    """What the next login will do. BROKEN: it will try to start a program that is not there."""

    ON = "on"
    OFF = "off"
    BROKEN = "broken"


class Found(NamedTuple):
    """`where`: the file or key that decides, "" for none; `all_users`: it is everybody's."""

    login: Login
    where: str = ""
    all_users: bool = False


class Start(NamedTuple):
    """What is to be started: a command line, and variables that it needs beside the session's."""

    command: Sequence[str]
    environ: Mapping[str, str]


class Place(Protocol):
    """One way of starting at login. `kind` names it for programs."""

    kind: str

    def look(self) -> Found:
        """What the next login of this user will do."""

    def turn_on(self, start: Start, *, all_users: bool) -> None:
        """Start it at each login. Raises `Failed` (autostart.refused)."""

    def turn_off(self, *, all_users: bool) -> None:
        """Start it at no login, also where it is on for all users. Raises `Failed` (autostart.refused)."""


def write(path: Path, text: str | bytes) -> None:
    """Put a file there in one step. Raises `Failed` (autostart.refused)."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(text.encode() if isinstance(text, str) else text)
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise refused(path) from error


def remove(path: Path) -> None:
    """Take a file or link away, if it is there. Raises `Failed` (autostart.refused)."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise refused(path) from error


def refused(where: object) -> Failed:
    """That place cannot be changed."""
    return Failed("autostart.refused", path=where)


def can_start(words: Sequence[str]) -> bool:
    """Whether the program of a command line is there; `env` and its assignments are passed over."""
    rest = list(words)
    if rest and Path(rest[0]).name == "env":
        rest.pop(0)
        while rest and "=" in rest[0]:
            rest.pop(0)
    return bool(rest) and shutil.which(rest[0]) is not None
