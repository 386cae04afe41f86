"""Sizes and counts of the data file, and whom it names, also of a damaged one as far as it can be read.

Blocking; the file is opened to look only. Nothing here can be relied on but for support.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec

from onvio_agent.errors import StoreFailed
from onvio_agent.store import failures
from onvio_agent.store.database import BUSY_TIMEOUT_MS
from onvio_agent.store.migrate import APPLICATION_ID, known, version

_PEOPLE = """
SELECT users.login, links.email, links.reported_email, users.name, links.account_name
FROM users LEFT JOIN links ON links.user_id = users.id ORDER BY users.id
"""
_LOGINS = "SELECT login, NULL, NULL, name, NULL FROM users ORDER BY id"
_VOUCHED = (
    "SELECT administrator_confirmed_by FROM links WHERE administrator_confirmed_by IS NOT NULL"
)
_COMPANIES = "SELECT name, cnpj, folder FROM sync_clients ORDER BY id"
_OFFICES = "SELECT DISTINCT office_cnpj FROM links WHERE office_cnpj IS NOT NULL"


class TableRows(msgspec.Struct, frozen=True, kw_only=True):
    """`rows` None: the table cannot be read."""

    table: str
    rows: int | None


class StoreStatistics(msgspec.Struct, frozen=True, kw_only=True):
    """`trouble`: the reason why not all could be read. Sizes in bytes, 0 where there is no such file."""

    present: bool
    sqlite: str = sqlite3.sqlite_version
    trouble: str | None = None
    schema: int | None = None
    own_schema: int = 0
    size: int = 0
    wal_size: int = 0
    page_size: int | None = None
    pages: int | None = None
    free_pages: int | None = None
    tables: tuple[TableRows, ...] = ()


class Person(msgspec.Struct, frozen=True):
    """`ids`: login and e-mails; `names`: what else the person is called."""

    ids: tuple[str | None, ...]
    names: tuple[str | None, ...]


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """Whom the data file names. `companies`: of each its name, CNPJ and folder."""

    people: tuple[Person, ...] = ()
    companies: tuple[tuple[str, ...], ...] = ()


def look_at_statistics(path: Path) -> tuple[StoreStatistics, Names]:
    """Of the data file at `path`. Never raises for what is wrong with it."""
    own = len(known())
    if not path.is_file():
        return StoreStatistics(present=False, own_schema=own), Names()
    size, wal_size = _size(path), _size(path.with_name(path.name + "-wal"))
    try:
        with closing(_open(path)) as db:
            trouble = _trouble(db, path)
            found = StoreStatistics(
                present=True,
                trouble=trouble,
                schema=version(db),
                own_schema=own,
                page_size=_pragma(db, "page_size"),
                pages=_pragma(db, "page_count"),
                free_pages=_pragma(db, "freelist_count"),
                tables=tuple(_tables(db)) if trouble != "store.unwritable" else (),
                size=size,
                wal_size=wal_size,
            )
            return found, _names(db)
    except sqlite3.Error as error:
        code = failures.from_sqlite(error, path).code
        found = StoreStatistics(
            present=True, trouble=code, own_schema=own, size=size, wal_size=wal_size
        )
        return found, Names()


def _open(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    db.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    db.execute("PRAGMA trusted_schema = OFF")
    db.text_factory = lambda data: data.decode("utf-8", "replace")  # a damaged page holds anything
    return db


def _trouble(db: sqlite3.Connection, path: Path) -> str | None:
    if _pragma(db, "application_id") != APPLICATION_ID:
        return StoreFailed("store.unwritable", path=path).code
    try:
        if db.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            return StoreFailed("store.corrupt", path=path).code
    except sqlite3.Error as error:
        return failures.from_sqlite(error, path).code
    return "store.newer" if version(db) > len(known()) else None


def _tables(db: sqlite3.Connection) -> Iterator[TableRows]:
    listed = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    for (name,) in _rows(db, f"{listed} ORDER BY name"):
        quoted = str(name).replace('"', '""')
        counted = _rows(db, f'SELECT count(*) FROM "{quoted}"')  # noqa: S608 - a quoted name of the file's own
        yield TableRows(table=str(name), rows=int(counted[0][0] or 0) if counted else None)


def _names(db: sqlite3.Connection) -> Names:
    people = [
        Person(tuple(row[:3]), tuple(row[3:])) for row in _rows(db, _PEOPLE) or _rows(db, _LOGINS)
    ]
    people += [Person((row[0],), ()) for row in _rows(db, _VOUCHED)]
    companies = [tuple(map(str, row)) for row in _rows(db, _COMPANIES) + _rows(db, _OFFICES)]
    return Names(people=tuple(people), companies=tuple(companies))


def _rows(db: sqlite3.Connection, sql: str) -> list[tuple[str | None, ...]]:
    """What can be read; nothing where the file is too damaged, or older than these tables."""
    try:
        return db.execute(sql).fetchall()
    except sqlite3.Error:
        return []


def _pragma(db: sqlite3.Connection, name: str) -> int:
    return int(db.execute(f"PRAGMA {name}").fetchone()[0])


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
