"""Tables `sync_documents`, `sync_bytes`, `sync_files` and `sync_counts`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from onvio_agent.store.sync_base import (
    FINISHED,
    DocumentState,
    Intake,
    NewDocument,
    Settlement,
    SyncDocument,
)
from onvio_agent.store.times import from_us, to_us

_ALL = (
    "d.id, d.client_id, d.name, d.sha256, d.kind, d.access_key, d.state, d.reason, d.fields, "
    "d.batch_id, d.attempts, d.polls, d.queued_at, d.finished_at, d.due_mono"
)
_TOGETHER_US = 60_000_000  # what comes within a minute of a settlement may be its invoice
_OPEN = "('queued', 'sending', 'accepted', 'waiting')"
_DUE = "('queued', 'accepted', 'waiting')"
"""Lists of the partial indexes: a query uses one only where the very same list stands in it."""
_BY_ID = f"SELECT {_ALL} FROM sync_documents d WHERE d.id = ?"  # noqa: S608 - own columns
_BY_CONTENT = f"SELECT {_ALL} FROM sync_documents d WHERE d.client_id = ? AND d.sha256 = ?"  # noqa: S608 - own columns
_INSERT = """
INSERT INTO sync_documents (client_id, name, sha256, kind, access_key, state, reason, fields,
    batch_id, attempts, polls, queued_at, finished_at, due_mono, set_mono)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, 0, 0, ?, ?, ?, ?)
"""
_ANEW = """
UPDATE sync_documents SET name = ?, kind = ?, access_key = ?, state = ?, reason = ?, fields = ?,
    batch_id = NULL, attempts = 0, polls = 0, queued_at = ?, finished_at = ?, due_mono = ?, set_mono = ?
WHERE id = ?
"""
_KEEP_BYTES = "INSERT OR REPLACE INTO sync_bytes (document_id, data) VALUES (?, ?)"
_KEEP_FILE = """
INSERT OR REPLACE INTO sync_files (client_id, path, document_id, sha256, size, mtime_ns)
VALUES (?, ?, ?, ?, ?, ?)
"""
_UNSENT = """
SELECT count(*) FROM sync_documents
WHERE client_id = ? AND state IN ('queued', 'sending', 'accepted', 'waiting') AND batch_id IS NULL
"""
_CLAIM = f"""
SELECT {_ALL} FROM sync_documents d
WHERE d.client_id = ? AND d.state IN {_OPEN} AND d.state IN ('queued', 'waiting')
AND d.batch_id IS NULL AND d.due_mono <= ? AND NOT EXISTS (
    SELECT 1 FROM sync_documents o WHERE o.client_id = d.client_id AND o.access_key = d.access_key
    AND (o.attempts = 0, o.id) < (d.attempts = 0, d.id) AND o.state IN {_OPEN})
AND (d.kind <> 'settlement' OR NOT EXISTS (
    SELECT 1 FROM sync_documents o WHERE o.client_id = d.client_id AND o.kind <> 'settlement'
    AND o.queued_at <= d.queued_at + {_TOGETHER_US} AND o.state IN {_OPEN}))
ORDER BY d.id LIMIT 1
"""  # noqa: S608 - own columns
_SEND = """
UPDATE sync_documents SET state = 'sending', reason = NULL, fields = '{}', attempts = attempts + 1
WHERE id = ?
"""
_SETTLE = f"""
UPDATE sync_documents SET state = ?, reason = ?, fields = ?, batch_id = ?, polls = ?, finished_at = ?,
    due_mono = ?, set_mono = ? WHERE id = ? AND state IN {_OPEN}
"""  # noqa: S608 - own states
_OTHER_CONTENT = f"""
SELECT {_ALL} FROM sync_documents d JOIN sync_documents o ON o.id = ?
WHERE d.client_id = o.client_id AND d.access_key = o.access_key AND d.sha256 <> o.sha256
AND d.state IN ('stored', 'duplicate') ORDER BY d.id LIMIT 1
"""  # noqa: S608 - own columns
_POLLS = f"""
SELECT {_ALL} FROM sync_documents d
WHERE d.state IN {_DUE} AND d.state = 'accepted' AND d.due_mono <= ? ORDER BY d.due_mono, d.id LIMIT ?
"""  # noqa: S608 - own columns
_NEXT_DUE = f"SELECT min(due_mono) FROM sync_documents WHERE state IN {_DUE} AND due_mono > ?"  # noqa: S608 - own states
_OTHER_RUN = f"""
UPDATE sync_documents SET due_mono = ?, set_mono = ? WHERE state IN {_DUE} AND set_mono > ?
"""  # noqa: S608 - own states
_UNKNOWN_FATE = f"""
UPDATE sync_documents SET state = 'waiting', reason = ?, due_mono = ?, set_mono = ?
WHERE state IN {_OPEN} AND state = 'sending'
"""  # noqa: S608 - own states
_CANCEL = """
UPDATE sync_documents SET state = 'refused', reason = ?, fields = '{}', finished_at = ?
WHERE id = ? AND state = 'queued'
"""
_GIVE_UP = """
UPDATE sync_documents SET state = 'refused', reason = ?, fields = '{}', finished_at = ?
WHERE id = ? AND state IN ('accepted', 'waiting')
"""
_HURRY = """
UPDATE sync_documents SET due_mono = ?, set_mono = ?
WHERE id = ? AND state IN ('queued', 'waiting', 'accepted')
"""
_RETRY = """
UPDATE sync_documents SET reason = NULL, fields = '{}', polls = 0, finished_at = NULL,
    state = CASE WHEN reason IS NOT :given_up THEN 'queued'
        WHEN batch_id IS NULL THEN 'waiting' ELSE 'accepted' END,
    batch_id = iif(reason = :given_up, batch_id, NULL),
    attempts = iif(reason = :given_up, attempts, 0), due_mono = :mono, set_mono = :mono
WHERE id = :id AND state = 'refused' AND EXISTS (SELECT 1 FROM sync_bytes b WHERE b.document_id = id)
"""
_CANCELLED, _GIVEN_UP, _LOST = "sync.cancelled", "sync.given_up", "sync.answer_lost"
_LIST = f"""
SELECT {_ALL} FROM sync_documents d WHERE d.id > :after_id
AND (:state IS NULL OR d.state = :state) AND (:client_id IS NULL OR d.client_id = :client_id)
AND (:sha256 IS NULL OR substr(d.sha256, 1, length(:sha256)) = :sha256)
ORDER BY d.id LIMIT :limit
"""  # noqa: S608 - own columns
_NEWEST = f"""
SELECT {_ALL} FROM sync_documents d WHERE d.id < :before_id
AND (:state IS NULL OR d.state = :state) AND (:client_id IS NULL OR d.client_id = :client_id)
ORDER BY d.id DESC LIMIT :limit
"""  # noqa: S608 - own columns
_OLDEST = f"SELECT min(queued_at) FROM sync_documents WHERE state IN {_OPEN}"  # noqa: S608 - own states
_DROP_BYTES = """
DELETE FROM sync_bytes WHERE document_id IN (
    SELECT d.id FROM sync_documents d JOIN sync_bytes b ON b.document_id = d.id
    WHERE d.finished_at < ? AND d.state IN ('stored', 'duplicate') LIMIT ?)
"""


def read(rows: Iterable[Sequence[object]]) -> list[SyncDocument]:
    """Rows of the columns above as documents."""
    return [_document(row) for row in rows]


def columns() -> str:
    """The columns that `read` takes, of a table `d`."""
    return _ALL


def take(
    db: sqlite3.Connection, client_id: int, items: Sequence[Intake], at: datetime, mono: float
) -> Sequence[SyncDocument]:
    """See `SyncStore.take`."""
    taken = []
    for item in items:
        for document in item.documents:
            document_id = _take_one(db, client_id, document, at, mono)
            if item.file is not None:
                file = item.file
                row = (client_id, file.path, document_id, file.sha256, file.size, file.mtime_ns)
                db.execute(_KEEP_FILE, row)
            taken += read(db.execute(_BY_ID, (document_id,)))
    return taken


def _take_one(
    db: sqlite3.Connection, client_id: int, new: NewDocument, at: datetime, mono: float
) -> int:
    state = DocumentState.QUEUED if new.refused is None else DocumentState.REFUSED
    finished = None if new.refused is None else to_us(at)
    fields = msgspec.json.encode(dict(new.fields)).decode()
    reason = new.refused or new.reason
    known = None
    if new.sha256 is not None:
        known = db.execute(_BY_CONTENT, (client_id, new.sha256)).fetchone()
    if known is None:
        row = (
            client_id, new.name, new.sha256, new.kind, new.access_key, state, reason, fields,
            to_us(at), finished, mono, mono,
        )  # fmt: skip
        document_id = db.execute(_INSERT, row).lastrowid or 0
    else:
        document = _document(known)
        if document.state is not DocumentState.REFUSED:
            return document.id
        document_id = document.id
        if document.reason == _GIVEN_UP and retry(db, document_id, mono) is not None:
            return document_id
        db.execute(
            _ANEW,
            (
                new.name, new.kind, new.access_key, state, reason, fields, to_us(at), finished,
                mono, mono, document_id,
            ),
        )  # fmt: skip
    if new.data is not None:
        db.execute(_KEEP_BYTES, (document_id, new.data))
    return document_id


def unsent(db: sqlite3.Connection, client_id: int) -> int:
    """See `SyncStore.unsent`."""
    return int(db.execute(_UNSENT, (client_id,)).fetchone()[0])


def claim(db: sqlite3.Connection, client_id: int, mono: float) -> tuple[SyncDocument, bytes] | None:
    """See `SyncStore.claim`."""
    row = db.execute(_CLAIM, (client_id, mono)).fetchone()
    if row is None:
        return None
    found = _document(row)
    data = content(db, found.id)
    assert data is not None  # noqa: S101 - what is unfinished keeps its bytes
    db.execute(_SEND, (found.id,))
    return msgspec.structs.replace(found, attempts=found.attempts + 1), data


def content(db: sqlite3.Connection, document_id: int) -> bytes | None:
    """See `SyncStore.content`."""
    row = db.execute("SELECT data FROM sync_bytes WHERE document_id = ?", (document_id,)).fetchone()
    return None if row is None else bytes(row[0])


def settle(
    db: sqlite3.Connection, settlements: Sequence[Settlement], at: datetime, mono: float
) -> Sequence[SyncDocument]:
    """See `SyncStore.settle`."""
    settled = []
    for new in settlements:
        told = msgspec.json.encode(dict(new.fields)).decode()
        finished = to_us(at) if new.state in FINISHED else None
        row = (
            new.state, new.reason, told, new.batch_id, new.polls, finished, mono + new.wait_s, mono,
            new.document_id,
        )  # fmt: skip
        if db.execute(_SETTLE, row).rowcount:
            settled += read(db.execute(_BY_ID, (new.document_id,)))
    return settled


def other_content(db: sqlite3.Connection, document_id: int) -> SyncDocument | None:
    """See `SyncStore.other_content`."""
    return next(iter(read(db.execute(_OTHER_CONTENT, (document_id,)))), None)


def due_polls(db: sqlite3.Connection, mono: float, limit: int) -> Sequence[SyncDocument]:
    """See `SyncStore.due_polls`."""
    return read(db.execute(_POLLS, (mono, limit)))


def next_due(db: sqlite3.Connection, mono: float) -> float | None:
    """See `SyncStore.next_due`."""
    found = db.execute(_NEXT_DUE, (mono,)).fetchone()[0]
    return None if found is None else float(found)


def restarted(db: sqlite3.Connection, mono: float, resend_mono: float) -> int:
    """See `SyncStore.restarted`."""
    db.execute(_OTHER_RUN, (mono, mono, mono))
    return db.execute(_UNKNOWN_FATE, (_LOST, resend_mono, mono)).rowcount


def retry(db: sqlite3.Connection, document_id: int, mono: float) -> SyncDocument | None:
    """See `SyncStore.retry`."""
    changed = db.execute(_HURRY, (mono, mono, document_id)).rowcount
    row = {"id": document_id, "mono": mono, "given_up": _GIVEN_UP}
    changed += db.execute(_RETRY, row).rowcount
    return read(db.execute(_BY_ID, (document_id,)))[0] if changed else None


def cancel(
    db: sqlite3.Connection, document_id: int, at: datetime, sent: bool
) -> SyncDocument | None:
    """See `SyncStore.cancel`."""
    changed = db.execute(_CANCEL, (_CANCELLED, to_us(at), document_id)).rowcount
    if sent and not changed:
        changed = db.execute(_GIVE_UP, (_GIVEN_UP, to_us(at), document_id)).rowcount
    return read(db.execute(_BY_ID, (document_id,)))[0] if changed else None


def listed(db: sqlite3.Connection, asked: Mapping[str, object]) -> Sequence[SyncDocument]:
    """See `SyncStore.documents`; `asked` has its arguments by name."""
    return read(db.execute(_LIST, asked))


def newest(db: sqlite3.Connection, asked: Mapping[str, object]) -> Sequence[SyncDocument]:
    """See `SyncStore.newest_documents`; `asked` has its arguments by name."""
    return read(db.execute(_NEWEST, asked))


def counts(db: sqlite3.Connection) -> tuple[Mapping[str, int], datetime | None]:
    """See `SyncStore.counts`."""
    numbers = {
        str(state): int(count)
        for state, count in db.execute("SELECT state, count FROM sync_counts")
    }
    return numbers, from_us(db.execute(_OLDEST).fetchone()[0])


def drop_bytes(db: sqlite3.Connection, before: datetime, limit: int) -> int:
    """See `SyncStore.drop_bytes`."""
    return db.execute(_DROP_BYTES, (to_us(before), limit)).rowcount


def _document(row: Sequence[object]) -> SyncDocument:
    values = dict(zip(SyncDocument.__struct_fields__, row, strict=True))
    values["state"] = DocumentState(str(values["state"]))
    values["fields"] = msgspec.json.decode(str(values["fields"]), type=dict[str, str])
    for name in ("queued_at", "finished_at"):
        at = values[name]
        values[name] = from_us(at) if isinstance(at, int) else None
    return SyncDocument(**values)  # type: ignore[arg-type]  # STRICT tables hold what was written
