"""A file that a command is asked to write, with what concerns persons in it."""

from __future__ import annotations

import os
from pathlib import Path

from onvio_agent.errors import Refused
from onvio_agent.store import failures
from onvio_agent.store.durable import drop

_BINARY = getattr(os, "O_BINARY", 0)


def write_new(path: Path, data: bytes) -> None:
    """`data` into a new file, readable by this user alone. Raises `Refused('backup.exists')`,
    `StoreFailed` (store.full, store.unwritable); then nothing is left there."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)
    except FileExistsError:
        raise Refused("backup.exists", path=path) from None
    except OSError as error:
        raise failures.from_os(error, path) from error
    try:
        with open(handle, "wb") as out:
            out.write(data)
    except OSError as error:
        drop(path)
        raise failures.from_os(error, path) from error
