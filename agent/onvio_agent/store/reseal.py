"""Everything that is sealed, sealed anew in one transaction with the record of the key.

Lists each sealed column; a test looks that none is missing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from onvio_agent.store import state
from onvio_agent.store.base import VaultKey, tokens_row
from onvio_agent.store.sync_base import TOKEN_ROW, client_row

Reseal = Callable[[bytes, str], bytes]
"""What was sealed for that row with the old key, sealed with the new one."""

_TOKENS = "SELECT rowid, sealed, user_id, generation FROM tokens"
_REVOCATIONS = "SELECT id, sealed, sealed_as FROM revocations"
_CLIENTS = "SELECT id, sealed FROM sync_clients"
_PROGRAM = "SELECT one, sealed FROM sync_token"
_UPDATE = {
    "tokens": "UPDATE tokens SET sealed = ? WHERE rowid = ?",
    "revocations": "UPDATE revocations SET sealed = ? WHERE id = ?",
    "sync_clients": "UPDATE sync_clients SET sealed = ? WHERE id = ?",
    "sync_token": "UPDATE sync_token SET sealed = ? WHERE one = ?",
}


def reseal(db: sqlite3.Connection, old: VaultKey, new: VaultKey, again: Reseal) -> bool:
    """False, with nothing changed, where another key than `old` is recorded."""
    if state.vault_key(db) != old:
        return False
    for table, row_id, sealed, row in _all(db):
        db.execute(_UPDATE[table], (again(sealed, row), row_id))
    return state.replace_vault_key(db, old, new) == new


def _all(db: sqlite3.Connection) -> list[tuple[str, int, bytes, str]]:
    """Table, row id, sealed value, and the name of the row that it was sealed for."""
    found = [
        ("tokens", row_id, sealed, tokens_row(user_id, generation))
        for row_id, sealed, user_id, generation in db.execute(_TOKENS)
    ]
    found += [("revocations", *each) for each in db.execute(_REVOCATIONS)]
    found += [
        ("sync_clients", row_id, sealed, client_row(row_id))
        for row_id, sealed in db.execute(_CLIENTS)
    ]
    return found + [
        ("sync_token", row_id, sealed, TOKEN_ROW) for row_id, sealed in db.execute(_PROGRAM)
    ]
