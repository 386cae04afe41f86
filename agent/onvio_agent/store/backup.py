"""A backup of the data file, and the data file from a backup: whole, or nothing was done.

A backup is the data file itself, gzip-packed, without a single ONVIO session and without the record of
the key: a session's tokens are used up and replaced all the time, and one that is presented again can end
that person's session everywhere. So users sign in again after a restore. Blocking.
"""

from __future__ import annotations

import gzip
import shutil
import sqlite3
import zlib
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from onvio_agent.errors import Failed, Refused, StoreFailed
from onvio_agent.store import failures
from onvio_agent.store.copies import copy_database
from onvio_agent.store.database import BUSY_TIMEOUT_MS, connect, suspect_path
from onvio_agent.store.durable import drop, sync_file, sync_folder
from onvio_agent.store.migrate import APPLICATION_ID, known, migrate, version

MAX_BYTES = 4 * 1024**3
"""Unpacked. Years of documents of a large office stay far below; a bomb does not."""

_BLOCK = 1024 * 1024
_GZIP = b"\x1f\x8b"
_WITHOUT_SESSIONS = """
PRAGMA secure_delete = ON;
BEGIN IMMEDIATE;
UPDATE links SET ended = 'link.session_ended' WHERE sub IS NOT NULL AND ended IS NULL;
DELETE FROM tokens;
DELETE FROM revocations;
DELETE FROM sync_token;
DELETE FROM vault_key;
DELETE FROM corruption;
COMMIT;
"""


def write_backup(path: Path, target: Path) -> None:
    """The data file at `path` as a backup at `target`, consistent also while an agent writes it.

    Raises `Refused('backup.exists')`, `Failed('backup.nothing')` where there is no data file,
    `StoreFailed`.
    """
    if target.exists() or target.is_symlink():
        raise Refused("backup.exists", path=target)
    if not path.is_file():
        raise Failed("backup.nothing", path=path)
    plain, packed = _beside(target, ".plain"), _beside(target, ".draft")
    try:
        with closing(_to_read(path)) as connection:
            _check_owner(connection, path)
            copy_database(connection, plain)
        _drop_sessions(plain)
        _pack(plain, packed)
        packed.replace(target)
        sync_folder(target.parent)
    except sqlite3.Error as error:
        raise failures.from_sqlite(error, path) from error
    except OSError as error:
        raise failures.from_os(error, target) from error
    finally:
        for draft in (plain, packed):
            drop(draft)


def restore_backup(
    source: Path, path: Path, wall: Callable[[], datetime], *, max_bytes: int = MAX_BYTES
) -> Path | None:
    """The backup at `source` as the data file at `path`; where the former one is kept, if there was one.

    No agent may run. The backup is looked at whole before anything is touched. Raises
    `Failed('backup.damaged' | 'backup.foreign' | 'backup.too_large')`, `StoreFailed`.
    """
    draft = _beside(path, ".restore")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _unpack(source, draft, max_bytes)
        _make_sound(draft, source)
        aside = _set_aside(path, wall()) if path.exists() else None
        draft.replace(path)
        suspect_path(path).unlink(missing_ok=True)
        sync_folder(path.parent)
    except OSError as error:
        raise failures.from_os(error, path) from error
    finally:
        for suffix in ("", "-wal", "-shm", "-journal"):
            drop(_beside(draft, suffix))
    return aside


def _to_read(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    return connection


def _check_owner(connection: sqlite3.Connection, path: Path) -> None:
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise Failed("backup.foreign", path=path)
    if version(connection) > len(known()):
        raise StoreFailed("store.newer", path=path)


def _drop_sessions(plain: Path) -> None:
    with closing(sqlite3.connect(plain, isolation_level=None)) as copy:
        migrate(copy, known(), plain)
        copy.executescript(_WITHOUT_SESSIONS)
        copy.execute("VACUUM")  # what was deleted earlier lies in free pages


def _pack(plain: Path, packed: Path) -> None:
    packed.unlink(missing_ok=True)
    packed.touch(mode=0o600)
    with (
        plain.open("rb") as file,
        packed.open("wb") as raw,
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as out,
    ):
        shutil.copyfileobj(file, out, _BLOCK)
    sync_file(packed)


def _unpack(source: Path, draft: Path, max_bytes: int) -> None:
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    size = 0
    try:
        with source.open("rb") as raw:
            if raw.read(len(_GZIP)) != _GZIP:
                raise Failed("backup.foreign", path=source)
        with gzip.open(source, "rb") as file, draft.open("wb") as out:
            while block := file.read(_BLOCK):
                size += len(block)
                if size > max_bytes:
                    raise Failed("backup.too_large", path=source)
                out.write(block)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise Failed("backup.damaged", path=source) from error


def _make_sound(draft: Path, source: Path) -> None:
    """Ours, whole, of exactly our tables, and of this version's schema."""
    try:
        with closing(sqlite3.connect(draft, isolation_level=None)) as db:
            db.execute("PRAGMA trusted_schema = OFF")
            _check_owner(db, source)
            if db.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
                raise Failed("backup.damaged", path=source)
            if _tables(db) != _tables_of(version(db)):
                raise Failed("backup.foreign", path=source)
            if db.execute("PRAGMA foreign_key_check").fetchone() is not None:
                raise Failed("backup.damaged", path=source)
            migrate(db, known(), draft)
            db.executescript(_WITHOUT_SESSIONS)
    except sqlite3.DatabaseError as error:
        if failures.from_sqlite(error, draft).code == "store.full":
            raise StoreFailed("store.full", path=draft) from error
        raise Failed("backup.damaged", path=source) from error
    sync_file(draft)


def _tables_of(schema: int) -> list[tuple[object, ...]]:
    """As our own migrations make them: a planted trigger or view is not among them."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        migrate(db, known()[:schema], Path())
        return _tables(db)


def _tables(db: sqlite3.Connection) -> list[tuple[object, ...]]:
    listed = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name"
    return db.execute(listed).fetchall()


def _set_aside(path: Path, now: datetime) -> Path:
    """Copies the present file; it stays in its place until the restored one takes that at once."""
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    base = aside = path.with_name(f"{path.name}.replaced-{stamp}")
    number = 1
    while aside.exists():
        number += 1
        aside = base.with_name(f"{base.name}.{number}")
    _write_back(path)
    draft = _beside(aside, ".part")
    try:
        draft.touch(mode=0o600)
        shutil.copyfile(path, draft)
        sync_file(draft)
        draft.replace(aside)
    finally:
        drop(draft)
    for suffix in ("-wal", "-shm"):  # of a damaged file: never to be replayed into the restored one
        if _beside(path, suffix).exists():
            _beside(path, suffix).replace(_beside(aside, suffix))
    sync_folder(path.parent)
    return aside


def _write_back(path: Path) -> None:
    """What lies in -wal into the file itself; a damaged one is kept as it is."""
    try:
        with closing(connect(path)) as db:
            (busy, *_rest) = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error as error:
        if failures.is_corrupt(error):
            return
        raise failures.from_sqlite(error, path) from error
    if busy:
        raise StoreFailed("store.unwritable", path=path)


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)
