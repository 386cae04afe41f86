"""Opens the data file to look only, also while the agent writes it: nothing is made or migrated.

Blocking; runs in the writer thread. For diagnosis; the agent itself opens it by `open.py`.
"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from onvio_agent.errors import StoreFailed
from onvio_agent.store import failures
from onvio_agent.store.base import Exec
from onvio_agent.store.database import BUSY_TIMEOUT_MS, Database
from onvio_agent.store.migrate import APPLICATION_ID, known, version
from onvio_agent.store.sqlite import SqliteStore


async def look_at_store(path: Path, exec_: Exec) -> SqliteStore | None:
    """The store at `path`, for its reading methods alone; None where there is no file yet.

    Raises `StoreFailed`: store.corrupt, store.newer, store.unwritable.
    """
    database = await exec_.run(lambda: _open(path))
    return None if database is None else SqliteStore(database, exec_)


def _open(path: Path) -> Database | None:
    try:
        if not path.exists():
            return None
    except OSError as error:  # of the folder: it may not be looked into
        raise failures.from_os(error, path) from error
    connection: sqlite3.Connection | None = None
    try:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False
        )
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        _check(connection, path)
    except (sqlite3.Error, StoreFailed) as error:
        if connection is not None:
            with contextlib.suppress(sqlite3.Error):
                connection.close()
        if isinstance(error, StoreFailed):
            raise
        raise failures.from_sqlite(error, path) from error
    return Database(connection, path)


def _check(connection: sqlite3.Connection, path: Path) -> None:
    if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise StoreFailed("store.corrupt", path=path)
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise StoreFailed("store.unwritable", path=path)
    if version(connection) > len(known()):
        raise StoreFailed("store.newer", path=path)
