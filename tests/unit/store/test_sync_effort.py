"""What the delivery asks of the store costs the same however much was delivered before."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from onvio_agent.store import migrate, sync_clients, sync_documents, sync_files
from onvio_agent.store.sync_base import (
    DocumentState,
    Intake,
    NewDocument,
    Settlement,
    TakenFile,
)
from support.store_parts import CLIENT, START

FEW, MANY = 20, 500
ASKED: dict[str, Callable[[sqlite3.Connection], object]] = {
    "claim": lambda db: sync_documents.claim(db, 1, 9.0),
    "due_polls": lambda db: sync_documents.due_polls(db, 9.0, 12),
    "next_due": lambda db: sync_documents.next_due(db, 9.0),
    "unsent": lambda db: sync_documents.unsent(db, 1),
    "counts": sync_documents.counts,
    "restarted": lambda db: sync_documents.restarted(db, 1.0, 2.0),
    "done_files": lambda db: sync_files.done(db, 1, 20, None),
    "new_files": lambda db: sync_files.are_new(db, 1, [("9.xml", 1, 1)]),
}


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A data file with one company."""
    path = tmp_path / "agent.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        migrate.migrate(connection, migrate.known(), path)
        sync_clients.add(connection, CLIENT)
        yield connection


def deliver(db: sqlite3.Connection, names: range) -> None:
    """So many documents that came, were stored and put away."""
    items = [came_in(number) for number in names]
    db.execute("BEGIN")
    taken = sync_documents.take(db, 1, items, START, 0.0)
    ended = [Settlement(document_id=each.id, state=DocumentState.STORED) for each in taken]
    sync_documents.settle(db, ended, START, 1.0)
    sync_files.put_away(db, 1, [f"{number}.xml" for number in names])
    db.execute("COMMIT")


def came_in(number: int) -> Intake:
    digest = f"{number:064x}"
    new = NewDocument(name=digest, sha256=digest, data=b"x", kind="nfe", access_key=digest)
    file = TakenFile(path=f"{number}.xml", sha256=digest, size=1, mtime_ns=1)
    return Intake(file=file, documents=(new,))


def effort(db: sqlite3.Connection, ask: Callable[[sqlite3.Connection], object]) -> int:
    """Steps of SQLite's machine."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    db.execute("BEGIN")
    db.set_progress_handler(count, 1)
    ask(db)
    db.set_progress_handler(None, 0)
    db.execute("ROLLBACK")
    return steps


def test_nothing_that_is_asked_for_each_document_grows_with_those_delivered(
    db: sqlite3.Connection,
) -> None:
    deliver(db, range(FEW))
    before = {name: effort(db, ask) for name, ask in ASKED.items()}
    deliver(db, range(FEW, MANY))
    after = {name: effort(db, ask) for name, ask in ASKED.items()}
    assert after == before
