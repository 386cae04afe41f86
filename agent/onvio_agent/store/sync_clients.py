"""Tables `sync_clients`, `sync_token` and `sync_token_requests`."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from onvio_agent.clock import Now
from onvio_agent.office.model import text_key
from onvio_agent.store.sync_base import KeptToken, SyncClient
from onvio_agent.store.times import from_us, to_us

_COLUMNS = "id, name, cnpj, folder, told, sealed, paused, trouble, added_at"
_SELECT = f"SELECT {_COLUMNS} FROM sync_clients ORDER BY id"  # noqa: S608 - own columns
_NEXT_ID = "SELECT seq + 1 FROM sqlite_sequence WHERE name = 'sync_clients'"
_INSERT = """
INSERT INTO sync_clients (id, name, name_key, cnpj, folder, told, sealed, paused, trouble, added_at)
VALUES (?, ?, ?, ?, ?, ?, ?, 0, NULL, ?)
"""
_RENEW = "UPDATE sync_clients SET folder = ?, told = ?, sealed = ?, trouble = NULL WHERE id = ?"
_SET = "UPDATE sync_clients SET paused = coalesce(?, paused), trouble = ? WHERE id = ?"
_UNDER_WAY = """
SELECT 1 FROM sync_documents
WHERE client_id = ? AND state IN ('queued', 'sending', 'accepted', 'waiting') LIMIT 1
"""
_DROPS = (
    "DELETE FROM sync_files WHERE client_id = ?",
    "DELETE FROM sync_bytes WHERE document_id IN (SELECT id FROM sync_documents WHERE client_id = ?)",
    "DELETE FROM sync_documents WHERE client_id = ?",
)
_TOKEN = "SELECT sealed, expires_at, due_mono, set_mono FROM sync_token"  # noqa: S105 - a statement, no secret
_KEEP_TOKEN = """
INSERT INTO sync_token (one, sealed, expires_at, due_mono, set_mono) VALUES (1, ?, ?, ?, ?)
ON CONFLICT (one) DO UPDATE SET sealed = excluded.sealed, expires_at = excluded.expires_at,
    due_mono = excluded.due_mono, set_mono = excluded.set_mono
"""  # noqa: S105 - a statement, no secret
_FORGET_OLD = """
DELETE FROM sync_token_requests
WHERE id NOT IN (SELECT id FROM sync_token_requests ORDER BY id DESC LIMIT ?)
"""


def every(db: sqlite3.Connection) -> Sequence[SyncClient]:
    """In the order of their adding."""
    return [
        SyncClient(
            id=row_id, name=name, cnpj=cnpj, folder=folder, told=told, sealed=sealed,
            paused=bool(paused), trouble=trouble, added_at=from_us(added_at),
        )
        for row_id, name, cnpj, folder, told, sealed, paused, trouble, added_at in db.execute(_SELECT)
    ]  # fmt: skip


def next_id(db: sqlite3.Connection) -> int:
    """The id that the next client gets."""
    row = db.execute(_NEXT_ID).fetchone()
    return 1 if row is None else int(row[0])


def add(db: sqlite3.Connection, client: SyncClient) -> bool:
    """False where name, CNPJ, folder or id is taken."""
    try:
        db.execute(
            _INSERT,
            (
                client.id, client.name, text_key(client.name), client.cnpj, client.folder,
                client.told, client.sealed, to_us(client.added_at),
            ),
        )  # fmt: skip
    except sqlite3.IntegrityError:
        return False
    return True


def renew(db: sqlite3.Connection, client: SyncClient) -> bool:
    """False where there is no such client, or the folder is another's."""
    row = (client.folder, client.told, client.sealed, client.id)
    try:
        return db.execute(_RENEW, row).rowcount == 1
    except sqlite3.IntegrityError:
        return False


def change(
    db: sqlite3.Connection, client_id: int, paused: bool | None, trouble: str | None
) -> None:
    """`paused` None: as it is."""
    db.execute(_SET, (paused, trouble, client_id))


def remove(db: sqlite3.Connection, client_id: int) -> bool:
    """With all its documents; False while one is under way."""
    if db.execute(_UNDER_WAY, (client_id,)).fetchone() is not None:
        return False
    for statement in _DROPS:
        db.execute(statement, (client_id,))
    return db.execute("DELETE FROM sync_clients WHERE id = ?", (client_id,)).rowcount == 1


def token(db: sqlite3.Connection) -> KeptToken | None:
    """The kept token."""
    row = db.execute(_TOKEN).fetchone()
    if row is None:
        return None
    sealed, expires_at, due_mono, set_mono = row
    return KeptToken(
        sealed=sealed, expires_at=from_us(expires_at), due_mono=due_mono, set_mono=set_mono
    )


def keep_token(db: sqlite3.Connection, kept: KeptToken) -> None:
    """In place of the one before."""
    db.execute(_KEEP_TOKEN, (kept.sealed, to_us(kept.expires_at), kept.due_mono, kept.set_mono))


def drop_token(db: sqlite3.Connection) -> None:
    """ONVIO takes it no longer."""
    db.execute("DELETE FROM sync_token")


def requests(db: sqlite3.Connection) -> Sequence[Now]:
    """Those that are remembered, oldest first."""
    rows = db.execute("SELECT at, mono FROM sync_token_requests ORDER BY id")
    return [Now(mono, from_us(at)) for at, mono in rows]


def note(db: sqlite3.Connection, request: Now, keep: int) -> int:
    """The id of the note."""
    insert = "INSERT INTO sync_token_requests (at, mono) VALUES (?, ?)"
    row_id = db.execute(insert, (to_us(request.wall), request.mono)).lastrowid
    db.execute(_FORGET_OLD, (keep,))
    return row_id or 0


def unnote(db: sqlite3.Connection, request_id: int) -> None:
    """It never reached ONVIO."""
    db.execute("DELETE FROM sync_token_requests WHERE id = ?", (request_id,))
