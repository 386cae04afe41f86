"""The small tables: intent, retries, the Gerente's password, the vault's key, the corruption mark.

Every write compares first: what is already so is not written again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from onvio_agent.contract.status import Intent, IntentState
from onvio_agent.store.base import ManagerPassword, Retry, VaultKey
from onvio_agent.store.times import from_us, to_us

_SET_INTENT = """
INSERT INTO intent (one, state, until, set_at) VALUES (1, ?, ?, ?)
ON CONFLICT (one) DO UPDATE SET state = excluded.state, until = excluded.until,
    set_at = excluded.set_at
WHERE state IS NOT excluded.state OR until IS NOT excluded.until
"""
_SET_RETRY = """
INSERT INTO retries (key, failures, reason, not_before, set_at, set_mono)
VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (key) DO UPDATE SET failures = excluded.failures, reason = excluded.reason,
    not_before = excluded.not_before, set_at = excluded.set_at, set_mono = excluded.set_mono
WHERE failures IS NOT excluded.failures OR reason IS NOT excluded.reason
   OR not_before IS NOT excluded.not_before OR set_at IS NOT excluded.set_at
   OR set_mono IS NOT excluded.set_mono
"""
_SET_MANAGER = """
INSERT INTO manager_password (one, hashed, failures, locked_until) VALUES (1, ?, ?, ?)
ON CONFLICT (one) DO UPDATE SET hashed = excluded.hashed, failures = excluded.failures,
    locked_until = excluded.locked_until
WHERE hashed IS NOT excluded.hashed OR failures IS NOT excluded.failures
   OR locked_until IS NOT excluded.locked_until
"""
_SET_VAULT_KEY = """
INSERT INTO vault_key (one, kind, key_id) VALUES (1, ?, ?) ON CONFLICT (one) DO NOTHING
"""
_REPLACE_VAULT_KEY = """
UPDATE vault_key SET kind = ?, key_id = ? WHERE kind = ? AND key_id = ?
"""
_SET_CORRUPT = """
INSERT INTO corruption (one, found_at) VALUES (1, ?) ON CONFLICT (one) DO NOTHING
"""


def intent(db: sqlite3.Connection) -> Intent:
    """What a person wants; `run` until somebody has said otherwise."""
    row = db.execute("SELECT state, until FROM intent").fetchone()
    if row is None:
        return Intent(state=IntentState.RUN)
    return Intent(state=IntentState(row[0]), until=from_us(row[1]))


def intent_set_at(db: sqlite3.Connection) -> datetime | None:
    """When that was said; None where nobody has."""
    row = db.execute("SELECT set_at FROM intent").fetchone()
    return None if row is None else from_us(row[0])


def set_intent(db: sqlite3.Connection, wanted: Intent, at: datetime) -> None:
    """Records what a person wants; the end of a pause goes with the pause."""
    until = wanted.until if wanted.state is IntentState.PAUSED else None
    db.execute(_SET_INTENT, (wanted.state.value, to_us(until), to_us(at)))


def retries(db: sqlite3.Connection) -> Sequence[Retry]:
    """All promises to wait, by key."""
    sql = "SELECT key, failures, reason, not_before, set_at, set_mono FROM retries ORDER BY key"
    return [
        Retry(
            key=key,
            failures=failures,
            reason=reason,
            not_before=from_us(not_before),
            set_at=from_us(set_at),
            set_mono=set_mono,
        )
        for key, failures, reason, not_before, set_at, set_mono in db.execute(sql)
    ]


def set_retry(db: sqlite3.Connection, retry: Retry) -> None:
    """Records a promise to wait in place of the key's former one."""
    row = (retry.key, retry.failures, retry.reason, to_us(retry.not_before), to_us(retry.set_at),
           retry.set_mono)  # fmt: skip
    db.execute(_SET_RETRY, row)


def clear_retry(db: sqlite3.Connection, key: str) -> None:
    """Forgets the key's promise."""
    db.execute("DELETE FROM retries WHERE key = ?", (key,))


def manager_password(db: sqlite3.Connection) -> ManagerPassword | None:
    """The Gerente's password in this agent, where one was set."""
    row = db.execute("SELECT hashed, failures, locked_until FROM manager_password").fetchone()
    if row is None:
        return None
    return ManagerPassword(hashed=row[0], failures=row[1], locked_until=from_us(row[2]))


def set_manager_password(db: sqlite3.Connection, password: ManagerPassword) -> None:
    """Records hash, wrong tries and pause."""
    db.execute(_SET_MANAGER, (password.hashed, password.failures, to_us(password.locked_until)))


def vault_key(db: sqlite3.Connection) -> VaultKey | None:
    """Which key seals the tokens, where one was chosen."""
    row = db.execute("SELECT kind, key_id FROM vault_key").fetchone()
    return None if row is None else VaultKey(kind=row[0], key_id=row[1])


def set_vault_key(db: sqlite3.Connection, key: VaultKey) -> VaultKey:
    """Records the key unless one is recorded; the recorded one."""
    db.execute(_SET_VAULT_KEY, (key.kind, key.key_id))
    return vault_key(db) or key


def replace_vault_key(db: sqlite3.Connection, old: VaultKey, new: VaultKey) -> VaultKey:
    """Records `new` where `old` is recorded; the recorded one."""
    if old != new:
        db.execute(_REPLACE_VAULT_KEY, (new.kind, new.key_id, old.kind, old.key_id))
    return vault_key(db) or old


def corrupt_at(db: sqlite3.Connection) -> datetime | None:
    """When a damaged file was set aside in favour of this one; None once acknowledged."""
    row = db.execute("SELECT found_at FROM corruption").fetchone()
    return None if row is None else from_us(int(row[0]))


def set_corrupt(db: sqlite3.Connection, at: datetime) -> None:
    """Marks this file as standing in for a damaged one."""
    db.execute(_SET_CORRUPT, (to_us(at),))


def acknowledge_corrupt(db: sqlite3.Connection) -> None:
    """Somebody knows and goes on with this file."""
    db.execute("DELETE FROM corruption")
