"""Where SQLite's and the file system's errors become reasons of the catalogue, and nowhere else."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from pathlib import Path

from onvio_agent.errors import StoreFailed

_CORRUPT = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_UNWRITABLE = (
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_NOLFS,
    sqlite3.SQLITE_PROTOCOL,
)
_NO_ROOM_BYTES = 64 * 1024  # less than SQLite needs for one shared-memory block and a few pages


def is_corrupt(error: sqlite3.Error) -> bool:
    """Whether the file itself is damaged, as against locked, full or out of reach."""
    return _primary_code(error) in _CORRUPT


def from_sqlite(error: sqlite3.Error, path: Path) -> StoreFailed:
    """The reason for an error of SQLite on the file at `path`."""
    code = _primary_code(error)
    if code in _CORRUPT:
        return StoreFailed("store.corrupt", path=path)
    if code == sqlite3.SQLITE_FULL:
        return StoreFailed("store.full", path=path)
    if code in _UNWRITABLE:
        # SQLite says "full" for some writes only; for the rest the disk itself is asked.
        return StoreFailed("store.full" if _disk_is_full(path) else "store.unwritable", path=path)
    return StoreFailed("internal.error", path=path)


def from_os(error: OSError, path: Path) -> StoreFailed:
    """The reason for an error of the file system."""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return StoreFailed("store.full" if full else "store.unwritable", path=path)


def _primary_code(error: sqlite3.Error) -> int | None:
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else int(code) & 0xFF


def _disk_is_full(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < _NO_ROOM_BYTES
    except OSError:
        return False
