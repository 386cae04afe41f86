"""Table `history`: every change of state. Names people by login; goes with a user who is erased."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime

import msgspec

from onvio_agent.store.base import Transition
from onvio_agent.store.times import from_us, to_us

_INSERT = """
INSERT INTO history (at, subject, before_state, after_state, reason, duration_s)
VALUES (:at, :subject, :before, :after, :reason, :duration_s)
"""
_OF_NOBODY = ("agent", "connection", "intent")
_ALL = """
SELECT at, subject, before_state, after_state, reason, duration_s FROM history
WHERE at >= ? AND at < ? ORDER BY at DESC, id DESC LIMIT ?
"""
_OF_ONE = """
SELECT at, subject, before_state, after_state, reason, duration_s FROM history
WHERE subject = ? AND at >= ? AND at < ? ORDER BY at DESC, id DESC LIMIT ?
"""
_PRUNE = """
DELETE FROM history WHERE id IN (SELECT id FROM history WHERE at < ? ORDER BY at, id LIMIT ?)
"""
_EVER_US, _NEVER_US = -(2**63), 2**63 - 1


def add(db: sqlite3.Connection, transitions: Sequence[Transition]) -> None:
    """Appends them in order, without those of whoever was erased while they waited."""
    logins = (login for (login,) in db.execute("SELECT login FROM users"))
    known = dict.fromkeys((*_OF_NOBODY, *logins))
    db.executemany(
        _INSERT,
        [
            msgspec.structs.asdict(t) | {"at": to_us(t.at)}
            for t in transitions
            if t.subject in known
        ],
    )


def newest(
    db: sqlite3.Connection,
    *,
    subject: str | None,
    since: datetime | None,
    until: datetime | None,
    limit: int,
) -> Sequence[Transition]:
    """At most `limit`, newest first; those of one instant in the reverse order of their coming."""
    since_us = _EVER_US if since is None else to_us(since)
    until_us = _NEVER_US if until is None else to_us(until)
    if subject is None:
        rows = db.execute(_ALL, (since_us, until_us, limit))
    else:
        rows = db.execute(_OF_ONE, (subject, since_us, until_us, limit))
    return [
        Transition(
            at=from_us(at),
            subject=of,
            before=before,
            after=after,
            reason=reason,
            duration_s=duration_s,
        )
        for at, of, before, after, reason, duration_s in rows
    ]


def prune(db: sqlite3.Connection, before: datetime, batch: int) -> int:
    """Drops at most `batch` of the rows older than `before`, the oldest first."""
    return db.execute(_PRUNE, (to_us(before), batch)).rowcount
