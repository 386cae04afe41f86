"""`SyncStore` on SQLite, in the store's own file and thread. Only composes."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from onvio_agent.clock import Now
from onvio_agent.store import sync_clients, sync_documents, sync_files
from onvio_agent.store.sync_base import (
    DoneFile,
    Intake,
    KeptToken,
    Settlement,
    SyncClient,
    SyncDocument,
)

T = TypeVar("T")


class Run(Protocol):
    """Runs work on the database, as one transaction where it writes."""

    def __call__(self, work: Callable[[sqlite3.Connection], T]) -> Awaitable[T]:
        """What `work` returns."""


class SqliteSync:
    """`store.sync_base.SyncStore`; see there for what each method promises."""

    def __init__(self, read: Run, write: Run) -> None:
        self._read = read
        self._write = write

    # -- clients
    async def clients(self) -> Sequence[SyncClient]:
        return await self._read(sync_clients.every)

    async def next_client_id(self) -> int:
        return await self._read(sync_clients.next_id)

    async def add_client(self, client: SyncClient) -> bool:
        return await self._write(lambda db: sync_clients.add(db, client))

    async def renew_client(self, client: SyncClient) -> bool:
        return await self._write(lambda db: sync_clients.renew(db, client))

    async def set_client(
        self, client_id: int, *, paused: bool | None = None, trouble: str | None = None
    ) -> None:
        await self._write(lambda db: sync_clients.change(db, client_id, paused, trouble))

    async def remove_client(self, client_id: int) -> bool:
        return await self._write(lambda db: sync_clients.remove(db, client_id))

    # -- documents
    async def take(
        self, client_id: int, items: Sequence[Intake], *, at: datetime, mono: float
    ) -> Sequence[SyncDocument]:
        return await self._write(lambda db: sync_documents.take(db, client_id, items, at, mono))

    async def new_files(
        self, client_id: int, files: Sequence[tuple[str, int, int]]
    ) -> Sequence[bool]:
        return await self._read(lambda db: sync_files.are_new(db, client_id, files))

    async def unsent(self, client_id: int) -> int:
        return await self._read(lambda db: sync_documents.unsent(db, client_id))

    async def claim(self, client_id: int, *, mono: float) -> tuple[SyncDocument, bytes] | None:
        return await self._write(lambda db: sync_documents.claim(db, client_id, mono))

    async def settle(
        self,
        settlements: Sequence[Settlement],
        *,
        at: datetime,
        mono: float,
        claim_for: int | None = None,
    ) -> tuple[Sequence[SyncDocument], tuple[SyncDocument, bytes] | None]:
        def work(
            db: sqlite3.Connection,
        ) -> tuple[Sequence[SyncDocument], tuple[SyncDocument, bytes] | None]:
            settled = sync_documents.settle(db, settlements, at, mono)
            claimed = None if claim_for is None else sync_documents.claim(db, claim_for, mono)
            return settled, claimed

        return await self._write(work)

    async def content(self, document_id: int) -> bytes | None:
        return await self._read(lambda db: sync_documents.content(db, document_id))

    async def other_content(self, document_id: int) -> SyncDocument | None:
        return await self._read(lambda db: sync_documents.other_content(db, document_id))

    async def due_polls(self, *, mono: float, limit: int) -> Sequence[SyncDocument]:
        return await self._read(lambda db: sync_documents.due_polls(db, mono, limit))

    async def next_due(self, *, mono: float) -> float | None:
        return await self._read(lambda db: sync_documents.next_due(db, mono))

    async def restarted(self, *, mono: float, resend_mono: float) -> int:
        return await self._write(lambda db: sync_documents.restarted(db, mono, resend_mono))

    async def retry(self, document_id: int, *, mono: float) -> SyncDocument | None:
        return await self._write(lambda db: sync_documents.retry(db, document_id, mono))

    async def cancel(
        self, document_id: int, *, at: datetime, sent: bool = False
    ) -> SyncDocument | None:
        return await self._write(lambda db: sync_documents.cancel(db, document_id, at, sent))

    async def documents(
        self,
        *,
        after_id: int,
        limit: int,
        state: str | None = None,
        client_id: int | None = None,
        sha256: str | None = None,
    ) -> Sequence[SyncDocument]:
        asked = {
            "after_id": after_id,
            "limit": limit,
            "state": state,
            "client_id": client_id,
            "sha256": sha256,
        }
        return await self._read(lambda db: sync_documents.listed(db, asked))

    async def newest_documents(
        self, *, before_id: int, limit: int, state: str | None = None, client_id: int | None = None
    ) -> Sequence[SyncDocument]:
        asked = {"before_id": before_id, "limit": limit, "state": state, "client_id": client_id}
        return await self._read(lambda db: sync_documents.newest(db, asked))

    async def counts(self) -> tuple[Mapping[str, int], datetime | None]:
        return await self._read(sync_documents.counts)

    async def drop_bytes(self, before: datetime, limit: int) -> int:
        return await self._write(lambda db: sync_documents.drop_bytes(db, before, limit))

    # -- files
    async def done_files(
        self, client_id: int, limit: int, document_ids: Sequence[int] | None = None
    ) -> Sequence[DoneFile]:
        return await self._read(lambda db: sync_files.done(db, client_id, limit, document_ids))

    async def put_away(self, client_id: int, paths: Sequence[str]) -> None:
        await self._write(lambda db: sync_files.put_away(db, client_id, paths))

    # -- the program's token
    async def token(self) -> KeptToken | None:
        return await self._read(sync_clients.token)

    async def keep_token(self, token: KeptToken) -> None:
        await self._write(lambda db: sync_clients.keep_token(db, token))

    async def drop_token(self) -> None:
        await self._write(sync_clients.drop_token)

    async def token_requests(self) -> Sequence[Now]:
        return await self._read(sync_clients.requests)

    async def note_token_request(self, request: Now, *, keep: int) -> int:
        return await self._write(lambda db: sync_clients.note(db, request, keep))

    async def unnote_token_request(self, request_id: int) -> None:
        await self._write(lambda db: sync_clients.unnote(db, request_id))
