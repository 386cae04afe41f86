"""Table `revocations`: sealed tokens that ONVIO must still be told to forget. Outlives the user."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from onvio_agent.store.base import Revocation
from onvio_agent.store.times import from_us, to_us

_INSERT = """
INSERT INTO revocations (user_id, sealed, sealed_as, queued_at, attempts) VALUES (?, ?, ?, ?, 0)
"""
_SELECT = """
SELECT id, user_id, sealed, sealed_as, queued_at, attempts FROM revocations
ORDER BY attempts, id LIMIT ?
"""
_DELETE = "DELETE FROM revocations WHERE id = ?"
_COUNT_ATTEMPT = "UPDATE revocations SET attempts = attempts + 1 WHERE id = ?"


def queue(
    db: sqlite3.Connection, user_id: int, sealed: bytes, sealed_as: str, at: datetime
) -> None:
    """Adds one; `sealed_as` is the row name under which the vault sealed it."""
    db.execute(_INSERT, (user_id, sealed, sealed_as, to_us(at)))


def waiting(db: sqlite3.Connection, limit: int) -> Sequence[Revocation]:
    """At most `limit`, those tried least first: one that always fails must not hold up the rest."""
    return [
        Revocation(
            id=row_id,
            user_id=user_id,
            sealed=sealed,
            row=sealed_as,
            queued_at=from_us(queued_at),
            attempts=attempts,
        )
        for row_id, user_id, sealed, sealed_as, queued_at, attempts in db.execute(_SELECT, (limit,))
    ]


def count(db: sqlite3.Connection) -> int:
    """How many there are."""
    return int(db.execute("SELECT count(*) FROM revocations").fetchone()[0])


def done(db: sqlite3.Connection, revocation_id: int) -> None:
    """ONVIO has confirmed."""
    db.execute(_DELETE, (revocation_id,))


def failed(db: sqlite3.Connection, revocation_id: int) -> None:
    """One more attempt in vain."""
    db.execute(_COUNT_ATTEMPT, (revocation_id,))
