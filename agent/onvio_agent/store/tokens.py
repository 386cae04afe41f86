"""Table `tokens`: the sealed tokens of each link's present generation, at most one row a link."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from onvio_agent.store.base import Tokens, tokens_row
from onvio_agent.store.times import from_us, to_us

_SELECT = """
SELECT serial, sealed, refresh_started_at FROM tokens WHERE user_id = ? AND generation = ?
"""
_INSERT = """
INSERT INTO tokens (user_id, generation, serial, sealed, stored_at) VALUES (?, ?, 1, ?, ?)
"""
_IS_STARTED = """
SELECT refresh_started_at IS NOT NULL FROM tokens
WHERE user_id = ? AND generation = ? AND serial = ?
"""
_START_REFRESH = """
UPDATE tokens SET refresh_started_at = ? WHERE user_id = ? AND generation = ? AND serial = ?
"""
_REPLACE = """
UPDATE tokens SET serial = serial + 1, sealed = ?, stored_at = ?, refresh_started_at = NULL
WHERE user_id = ? AND generation = ? AND serial = ?
"""
_CLOSE_REFRESH = """
UPDATE tokens SET refresh_started_at = NULL WHERE user_id = ? AND refresh_started_at IS NOT NULL
"""
_RETIRE = """
DELETE FROM tokens WHERE user_id = ? RETURNING generation, sealed
"""


def get(db: sqlite3.Connection, user_id: int, generation: int) -> Tokens | None:
    """The tokens of that generation."""
    row = db.execute(_SELECT, (user_id, generation)).fetchone()
    if row is None:
        return None
    serial, sealed, refresh_started_at = row
    return Tokens(
        user_id=user_id,
        generation=generation,
        serial=serial,
        sealed=sealed,
        refresh_started_at=from_us(refresh_started_at),
    )


def insert(
    db: sqlite3.Connection, user_id: int, generation: int, sealed: bytes, at: datetime
) -> None:
    """The first tokens of a generation, serial 1; there must be none of an earlier one."""
    db.execute(_INSERT, (user_id, generation, sealed, to_us(at)))


def start_refresh(
    db: sqlite3.Connection, user_id: int, generation: int, serial: int, at: datetime
) -> bool:
    """Notes since when these tokens may have been spent; False where they are not the stored ones.

    Only the first try is written down: an outage of a night costs no write a minute.
    """
    key = (user_id, generation, serial)
    is_started = db.execute(_IS_STARTED, key).fetchone()
    if is_started == (0,):
        db.execute(_START_REFRESH, (to_us(at), *key))
    return is_started is not None


def replace(
    db: sqlite3.Connection,
    user_id: int,
    generation: int,
    serial: int,
    sealed: bytes,
    at: datetime,
) -> bool:
    """Stores the successor of that very serial; False, with nothing changed, where it moved on."""
    row = (sealed, to_us(at), user_id, generation, serial)
    return db.execute(_REPLACE, row).rowcount == 1


def close_refresh(db: sqlite3.Connection, user_id: int) -> None:
    """The refresh under way was answered with a refusal: nothing is open any more."""
    db.execute(_CLOSE_REFRESH, (user_id,))


def retire(db: sqlite3.Connection, user_id: int) -> tuple[bytes, str] | None:
    """Takes the tokens out; returns them with the name of the row they were sealed for."""
    row = db.execute(_RETIRE, (user_id,)).fetchall()
    if not row:
        return None
    generation, sealed = row[0]
    return sealed, tokens_row(user_id, generation)
