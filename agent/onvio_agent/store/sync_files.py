"""Table `sync_files`: which file of a folder brought which documents, until it has been put away."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from onvio_agent.store.sync_base import DoneFile, TakenFile
from onvio_agent.store.sync_documents import columns, read

_ENDED = """
NOT EXISTS (
    SELECT 1 FROM sync_files g JOIN sync_documents o ON o.id = g.document_id
    WHERE g.client_id = f.client_id AND g.path = f.path AND o.finished_at IS NULL)
LIMIT :limit
"""
_DONE = f"""
SELECT DISTINCT f.path FROM sync_files f WHERE f.client_id = :client_id AND {_ENDED}
"""  # noqa: S608 - own text
_DONE_OF_ONE = f"""
SELECT DISTINCT f.path FROM sync_files f
WHERE f.document_id = :document_id AND f.client_id = :client_id AND {_ENDED}
"""  # noqa: S608 - own text
_CONTENTS = """
SELECT DISTINCT sha256, size, mtime_ns FROM sync_files WHERE client_id = ? AND path = ?
"""
_DOCUMENTS = f"""
SELECT {columns()} FROM sync_files f JOIN sync_documents d ON d.id = f.document_id
WHERE f.client_id = ? AND f.path = ? ORDER BY d.id
"""  # noqa: S608 - own columns
_KNOWN = "SELECT 1 FROM sync_files WHERE client_id = ? AND path = ? AND size = ? AND mtime_ns = ?"
_GONE = "DELETE FROM sync_files WHERE client_id = ? AND path = ?"


def done(
    db: sqlite3.Connection, client_id: int, limit: int, document_ids: Sequence[int] | None
) -> Sequence[DoneFile]:
    """See `SyncStore.done_files`."""
    return [
        DoneFile(
            client_id=client_id,
            path=path,
            contents=tuple(
                TakenFile(path=path, sha256=sha256, size=size, mtime_ns=mtime_ns)
                for sha256, size, mtime_ns in db.execute(_CONTENTS, (client_id, path))
            ),
            documents=tuple(read(db.execute(_DOCUMENTS, (client_id, path)))),
        )
        for path in _ended(db, client_id, limit, document_ids)
    ]


def _ended(
    db: sqlite3.Connection, client_id: int, limit: int, document_ids: Sequence[int] | None
) -> Sequence[str]:
    asked = {"client_id": client_id, "limit": limit}
    if document_ids is None:
        return [path for (path,) in db.execute(_DONE, asked)]
    paths: dict[str, None] = {}
    for document_id in document_ids:
        rows = db.execute(_DONE_OF_ONE, asked | {"document_id": document_id})
        paths |= {path: None for (path,) in rows}
    return list(paths)[:limit]


def put_away(db: sqlite3.Connection, client_id: int, paths: Sequence[str]) -> None:
    """Their rows are no longer needed."""
    db.executemany(_GONE, [(client_id, path) for path in paths])


def are_new(
    db: sqlite3.Connection, client_id: int, files: Sequence[tuple[str, int, int]]
) -> Sequence[bool]:
    """See `SyncStore.new_files`."""
    return [db.execute(_KNOWN, (client_id, *file)).fetchone() is None for file in files]
