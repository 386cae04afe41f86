"""The Gerente's session that `login` keeps for the next commands, in a file of this user alone.

It is worth something only to whoever can also read the agent's own token, only while that very
agent runs, and only until it has been idle too long. No password is ever written here.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import msgspec

_MAX_BYTES = 4096


class KeptSession(msgspec.Struct, frozen=True):
    """A session's token and the run of the agent that gave it."""

    boot_id: str
    session: str


def keep(path: Path, kept: KeptSession) -> None:
    """Write it, readable by this user alone; OSError where the folder cannot be written."""
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(msgspec.json.encode(kept))
    unfinished.replace(path)


def read(path: Path) -> KeptSession | None:
    """The kept session; None where there is none or the file is not one."""
    try:
        with path.open("rb") as file:
            return msgspec.json.decode(file.read(_MAX_BYTES), type=KeptSession)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None


def forget(path: Path) -> bool:
    """Remove it; whether there was one."""
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
        return True
    return False
