"""Brings a data file to the schema of this version: numbered files, forward only, one transaction each.

`PRAGMA user_version` is the number of the last migration that ran. Never downgrades.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import msgspec

from onvio_agent.errors import StoreFailed

APPLICATION_ID = 0x4F4E5649
"""Stands in the header of every data file of ours ("ONVI")."""

_FOLDER = Path(__file__).parent / "migrations"


class Migration(msgspec.Struct, frozen=True):
    """One step: `number` counts from 1 without a gap."""

    number: int
    name: str
    sql: str


def known(folder: Path = _FOLDER) -> Sequence[Migration]:
    """All migrations of this version, in order. ValueError where a number is missing or doubled."""
    found = []
    for path in sorted(folder.glob("*.sql")):
        number, _, name = path.stem.partition("_")
        found.append(Migration(int(number), name, path.read_text(encoding="utf-8")))
    if [step.number for step in found] != list(range(1, len(found) + 1)):
        raise ValueError(f"migrations are not numbered 1..{len(found)}")
    return found


def version(connection: sqlite3.Connection) -> int:
    """The number of the last migration that ran."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(connection: sqlite3.Connection, steps: Sequence[Migration], path: Path) -> int:
    """Runs what is missing; returns the version found. `StoreFailed('store.newer')` where the file
    is ahead of us; sqlite3.Error leaves the file at the last complete step."""
    found = version(connection)
    if found > len(steps):
        raise StoreFailed("store.newer", path=path)
    for step in steps[found:]:
        _run(connection, step)
    return found


def _run(connection: sqlite3.Connection, step: Migration) -> None:
    try:
        connection.executescript(
            f"BEGIN IMMEDIATE;\n{step.sql}\nPRAGMA user_version = {step.number};\nCOMMIT;"
        )
    except sqlite3.Error:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise
