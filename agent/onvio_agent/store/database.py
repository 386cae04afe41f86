"""One connection to the data file: how a transaction is run and how its errors leave.

Synchronous; every call happens in the writer thread. Knows no table.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from onvio_agent.store import failures

T = TypeVar("T")

BUSY_TIMEOUT_MS = 2_000
"""How long another process (a backup, a curious admin) may hold the file before we give up."""

_JOURNAL_LIMIT_BYTES = 4 * 1024 * 1024  # a burst must not leave a large -wal file behind


def connect(path: Path) -> sqlite3.Connection:
    """A connection without implicit transactions; raises sqlite3.Error."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for pragma in (
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "journal_mode = WAL",
        "synchronous = FULL",  # a stored token must survive a power cut: its predecessor is dead
        "foreign_keys = ON",
        "secure_delete = ON",  # who is erased is not to be found in free space; Debian's default
        "trusted_schema = OFF",
        "cell_size_check = ON",
        f"journal_size_limit = {_JOURNAL_LIMIT_BYTES}",
    ):
        try:
            connection.execute(f"PRAGMA {pragma}")
        except sqlite3.Error:
            connection.close()
            raise
    return connection


class Database:
    """The open data file. Raises `StoreFailed`, and what `work` itself raises."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """The result of `work`, which runs one SELECT."""
        try:
            return work(self._connection)
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """The result of `work`, run as one transaction; if it changed nothing, nothing is committed.

        On any error everything is rolled back.
        """
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            changes_before = connection.total_changes
            result = work(connection)
            changed = connection.total_changes != changes_before
            connection.execute("COMMIT" if changed else "ROLLBACK")
        except BaseException as error:
            self._roll_back()
            if isinstance(error, sqlite3.Error):
                raise self._failed(error) from error
            raise
        return result

    def close(self) -> None:
        """Writes the -wal file back into the main one, where there is room, and lets go."""
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()

    def _roll_back(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def _failed(self, error: sqlite3.Error) -> Exception:
        if failures.is_corrupt(error):
            suspect(self._path)
        return failures.from_sqlite(error, self._path)


def suspect_path(path: Path) -> Path:
    """The mark that makes the next start read the whole data file."""
    return path.with_name(path.name + ".suspect")


def suspect(path: Path) -> None:
    """Leaves that mark, where the disk lets us."""
    with contextlib.suppress(OSError):
        suspect_path(path).touch(mode=0o600)
