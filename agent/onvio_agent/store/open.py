"""Opens the data file at the start: makes it, checks it, upgrades it, sets a damaged one aside.

A new file is built under another name and renamed into place, so an agent.db that is empty or half
made is damage and never mistaken for a fresh start. The check reads the small tables only: it must
not delay the start with a year of history. Blocking; runs in the writer thread.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from onvio_agent.errors import StoreFailed
from onvio_agent.store import failures, state
from onvio_agent.store.copies import keep_before_upgrade
from onvio_agent.store.database import Database, connect, suspect_path
from onvio_agent.store.durable import sync_folder
from onvio_agent.store.migrate import APPLICATION_ID, Migration, known, migrate, version

_MAGIC = b"SQLite format 3\0"
_COMPANIONS = ("", "-wal", "-shm")
_SMALL_TABLES = (
    "users",
    "links",
    "tokens",
    "revocations",
    "retries",
    "intent",
    "manager_password",
    "vault_key",
    "corruption",
    "sync_clients",
    "sync_token",
    "sync_token_requests",
)


class _Damaged(Exception):
    """The file is no usable data file of ours; its name is free to be given away."""


def open_database(path: Path, wall: Callable[[], datetime]) -> Database:
    """The data file at `path`, made where there is none, at this version's schema.

    A damaged file is set aside and a fresh one takes its place, marked so (`state.corrupt_at`).
    Raises `StoreFailed`: store.newer, store.full, store.unwritable.
    """
    steps = known()
    try:
        return _open(path, wall, steps)
    except sqlite3.Error as error:
        raise failures.from_sqlite(error, path) from error
    except OSError as error:
        raise failures.from_os(error, path) from error


def _open(path: Path, wall: Callable[[], datetime], steps: Sequence[Migration]) -> Database:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        if not path.exists():
            _refuse_orphans(path)
            _create(path, steps, corrupt_at=wall() if _was_set_aside(path) else None)
        return _connect_checked(path, steps)
    except _Damaged:
        _set_aside(path, wall())
        _create(path, steps, corrupt_at=wall())
        return _connect_checked(path, steps)


def _connect_checked(path: Path, steps: Sequence[Migration]) -> Database:
    _keep_private(path)
    if path.is_file() and not _looks_like_sqlite(path):
        raise _Damaged  # before SQLite touches what lies beside it
    connection: sqlite3.Connection | None = None
    try:
        connection = connect(path)
        _check_owner(connection, path)
        found = version(connection)
        if 0 < found < len(steps):  # first, so that the former program can have its file back
            keep_before_upgrade(connection, path, found)
        migrate(connection, steps, path)
        _check(connection, path)
    except BaseException as error:
        if connection is not None:
            connection.close()
        if isinstance(error, sqlite3.Error) and failures.is_corrupt(error):
            raise _Damaged from error
        raise
    return Database(connection, path)


def _looks_like_sqlite(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def _check_owner(connection: sqlite3.Connection, path: Path) -> None:
    """A sound database of another program is left alone: the path in the settings is wrong."""
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise StoreFailed("store.unwritable", path=path)


def _check(connection: sqlite3.Connection, path: Path) -> None:
    mark = suspect_path(path)
    if mark.exists():
        _expect_ok(connection.execute("PRAGMA quick_check(1)"))
        mark.unlink(missing_ok=True)
        return
    for table in _SMALL_TABLES:
        try:
            _expect_ok(connection.execute(f"PRAGMA quick_check({table})"))
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                raise _Damaged from error
            raise


def _expect_ok(cursor: sqlite3.Cursor) -> None:
    if cursor.fetchone() != ("ok",):
        raise _Damaged


def _create(path: Path, steps: Sequence[Migration], *, corrupt_at: datetime | None) -> None:
    draft = path.with_name(path.name + ".new")
    for suffix in (*_COMPANIONS, "-journal"):
        _beside(draft, suffix).unlink(missing_ok=True)
    os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    connection = sqlite3.connect(draft, isolation_level=None)
    try:
        migrate(connection, steps, path)
        if corrupt_at is not None:
            state.set_corrupt(connection, corrupt_at)
    finally:
        connection.close()
    draft.replace(path)
    sync_folder(path.parent)


def _refuse_orphans(path: Path) -> None:
    """A -wal file without its main file would be replayed into the next one."""
    if any(_beside(path, suffix).exists() for suffix in _COMPANIONS[1:]):
        raise _Damaged


def _was_set_aside(path: Path) -> bool:
    """Whether a former run set a damaged file aside and could not make the next one."""
    return any(path.parent.glob(f"{path.name}.corrupt-*"))


def _set_aside(path: Path, now: datetime) -> None:
    aside = _free_name(path, now)
    for suffix in _COMPANIONS:
        with contextlib.suppress(FileNotFoundError):
            _beside(path, suffix).rename(_beside(aside, suffix))
    suspect_path(path).unlink(missing_ok=True)


def _free_name(path: Path, now: datetime) -> Path:
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    base = path.with_name(f"{path.name}.corrupt-{stamp}")
    name, number = base, 1
    while any(_beside(name, suffix).exists() for suffix in _COMPANIONS):
        number += 1
        name = base.with_name(f"{base.name}.{number}")
    return name


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _keep_private(path: Path) -> None:
    if os.name == "posix" and path.stat().st_mode & 0o077:
        path.chmod(0o600)
