"""What is kept of fiscal documents on their way, as a protocol. As `base.py`: one method, one
transaction, nothing remembered in between, `StoreFailed` where it fails.

Waits lie on the clock that cannot be set (`due_mono`); `restarted` makes them good for another run
of the machine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec

from onvio_agent.clock import Now


class DocumentState(StrEnum):
    """Where a document is. The last three are its ends."""

    QUEUED = "queued"
    SENDING = "sending"
    ACCEPTED = "accepted"
    WAITING = "waiting"
    STORED = "stored"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


FINISHED = (DocumentState.STORED, DocumentState.DUPLICATE, DocumentState.REFUSED)


class SyncClient(msgspec.Struct, frozen=True, kw_only=True):
    """A company whose documents are delivered. `sealed`: its integration key.

    `trouble`: why nothing is sent for it until a person acts; None: nothing is in the way.
    """

    id: int
    name: str
    cnpj: str
    folder: str
    told: str
    sealed: bytes
    paused: bool
    trouble: str | None
    added_at: datetime


class SyncDocument(msgspec.Struct, frozen=True, kw_only=True):
    """One document. `fields`: what the sentences of `reason` name, and ONVIO's own code and text."""

    id: int
    client_id: int
    name: str
    sha256: str | None
    kind: str | None
    access_key: str | None
    state: DocumentState
    reason: str | None
    fields: Mapping[str, str]
    batch_id: str | None
    attempts: int
    polls: int
    queued_at: datetime
    finished_at: datetime | None
    due_mono: float


class NewDocument(msgspec.Struct, frozen=True, kw_only=True):
    """One document to be taken in. `refused`: the code that keeps it here; None: to be sent.

    `data` None: its bytes are not kept.
    """

    name: str
    sha256: str | None
    data: bytes | None
    kind: str | None = None
    access_key: str | None = None
    refused: str | None = None
    reason: str | None = None
    fields: Mapping[str, str] = {}


class TakenFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a client's folder. `path` relative to it, with `/`; `sha256` None: too large."""

    path: str
    sha256: str | None
    size: int
    mtime_ns: int


class Intake(msgspec.Struct, frozen=True, kw_only=True):
    """What one file brought. `file` None: it was given by a person and stays where it is."""

    file: TakenFile | None
    documents: tuple[NewDocument, ...]


class DoneFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file all of whose documents have ended, to be put away."""

    client_id: int
    path: str
    contents: tuple[TakenFile, ...]
    documents: tuple[SyncDocument, ...]


class Settlement(msgspec.Struct, frozen=True, kw_only=True):
    """What has become of a document. `wait_s`: until it is due again."""

    document_id: int
    state: DocumentState
    reason: str | None = None
    fields: Mapping[str, str] = {}
    batch_id: str | None = None
    polls: int = 0
    wait_s: float = 0.0


class KeptToken(msgspec.Struct, frozen=True, kw_only=True):
    """The program's sealed token. Good until `due_mono`, in another run until `expires_at`."""

    sealed: bytes
    expires_at: datetime
    due_mono: float
    set_mono: float


def client_row(client_id: int) -> str:
    """The name under which a client's integration key is sealed."""
    return f"sync_clients:{client_id}"


TOKEN_ROW = "sync_token"  # noqa: S105 - a row's name, no secret
"""The name under which the program's token is sealed."""


class SyncStore(Protocol):
    """See the module docstring."""

    # -- clients
    async def clients(self) -> Sequence[SyncClient]:
        """In the order of their adding."""

    async def next_client_id(self) -> int:
        """The id that the next client will get: its key is sealed for it beforehand."""

    async def add_client(self, client: SyncClient) -> bool:
        """False where its name, CNPJ or folder is another's, or its id is gone."""

    async def renew_client(self, client: SyncClient) -> bool:
        """A new key, folder and answer for the client of that id, its trouble gone."""

    async def set_client(
        self, client_id: int, *, paused: bool | None = None, trouble: str | None = None
    ) -> None:
        """Pause or not, where given; `trouble` as it is given."""

    async def remove_client(self, client_id: int) -> bool:
        """With its documents. False while some of them are under way."""

    # -- documents
    async def take(
        self, client_id: int, items: Sequence[Intake], *, at: datetime, mono: float
    ) -> Sequence[SyncDocument]:
        """Fixes documents with their bytes, and which file each came in. A content that is known is
        not taken twice: an unfinished or delivered one is returned as it is, a refused one is as
        new, one that was given up goes on."""

    async def new_files(
        self, client_id: int, files: Sequence[tuple[str, int, int]]
    ) -> Sequence[bool]:
        """Which of them (path, size, mtime_ns) are not among those taken and not yet put away."""

    async def unsent(self, client_id: int) -> int:
        """How many documents of that client wait to be sent."""

    async def claim(self, client_id: int, *, mono: float) -> tuple[SyncDocument, bytes] | None:
        """The next to be sent, as it was (queued or waiting) with one attempt more; it is marked as
        `sending`. In the order of their coming;
        of one access key, what was sent before comes first and alone. A settlement is held back while
        a document is under way that came before it, or with it."""

    async def settle(
        self,
        settlements: Sequence[Settlement],
        *,
        at: datetime,
        mono: float,
        claim_for: int | None = None,
    ) -> tuple[Sequence[SyncDocument], tuple[SyncDocument, bytes] | None]:
        """The next states of unfinished documents; those that have ended meanwhile are left out.
        `claim_for`: the next document of that client is claimed in the same transaction."""

    async def content(self, document_id: int) -> bytes | None:
        """Its bytes; None where they are not kept, or no longer."""

    async def other_content(self, document_id: int) -> SyncDocument | None:
        """A document of the same client and access key with other contents that ONVIO has."""

    async def due_polls(self, *, mono: float, limit: int) -> Sequence[SyncDocument]:
        """Accepted documents that are to be asked for."""

    async def next_due(self, *, mono: float) -> float | None:
        """The first instant after `mono` at which a document is due."""

    async def restarted(self, *, mono: float, resend_mono: float) -> int:
        """After a start: what was being sent is of unknown fate and waits until `resend_mono`; waits
        of another run of the machine are over. Returns how many were being sent."""

    async def retry(self, document_id: int, *, mono: float) -> SyncDocument | None:
        """Refused: queued anew; given up: what it was when that happened. Waiting: due at once. None
        where neither."""

    async def cancel(
        self, document_id: int, *, at: datetime, sent: bool = False
    ) -> SyncDocument | None:
        """Refused by a person. None where it is under way, may have arrived, or has ended; with `sent`
        what may have arrived is given up, and its batch kept."""

    async def documents(
        self,
        *,
        after_id: int,
        limit: int,
        state: str | None = None,
        client_id: int | None = None,
        sha256: str | None = None,
    ) -> Sequence[SyncDocument]:
        """By id, from `after_id` on; `sha256`: those whose hash begins so."""

    async def newest_documents(
        self, *, before_id: int, limit: int, state: str | None = None, client_id: int | None = None
    ) -> Sequence[SyncDocument]:
        """By id, the newest first, those before `before_id`."""

    async def counts(self) -> tuple[Mapping[str, int], datetime | None]:
        """How many there are in each state, and when the oldest unfinished one was queued."""

    async def drop_bytes(self, before: datetime, limit: int) -> int:
        """Forgets at most `limit` contents of documents that were delivered before then."""

    # -- files
    async def done_files(
        self, client_id: int, limit: int, document_ids: Sequence[int] | None = None
    ) -> Sequence[DoneFile]:
        """Files of a client all of whose documents have ended; of these documents where given."""

    async def put_away(self, client_id: int, paths: Sequence[str]) -> None:
        """Those files have been moved, or are no longer what was taken."""

    # -- the program's token
    async def token(self) -> KeptToken | None: ...
    async def keep_token(self, token: KeptToken) -> None: ...
    async def drop_token(self) -> None: ...
    async def token_requests(self) -> Sequence[Now]: ...
    async def note_token_request(self, request: Now, *, keep: int) -> int:
        """Notes it, keeps the last `keep`; returns its id."""

    async def unnote_token_request(self, request_id: int) -> None:
        """It never reached ONVIO."""
