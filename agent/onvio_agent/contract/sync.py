"""The shapes of the delivery of fiscal documents that cross a process boundary. Frozen data only."""

from __future__ import annotations

from datetime import datetime

import msgspec

from onvio_agent.contract.status import SyncStatus


class _Wire(msgspec.Struct, frozen=True, kw_only=True):
    """Base: immutable, by name, tolerant of keys added later."""


class DocumentRow(_Wire, frozen=True, kw_only=True):
    """One document, as `sync list --json` prints it. `file`: its name; `sha256` None: too large to be
    read. `reason`: a code of the catalogue."""

    sha256: str | None
    file: str
    client: str
    kind: str | None
    access_key: str | None
    state: str
    reason: str | None
    batch_id: str | None
    attempts: int
    queued_at: datetime
    finished_at: datetime | None


class DocumentLine(DocumentRow, frozen=True, kw_only=True):
    """One document of a list that people read. `title`: the reason as a sentence in the agent's
    language, None where there is none."""

    title: str | None


class DocumentDetail(DocumentLine, frozen=True, kw_only=True):
    """All that is known of one; `code` and `text` are ONVIO's own."""

    next_step: str | None
    code: str | None
    text: str | None
    retry_at: datetime | None


class DocumentContent(_Wire, frozen=True, kw_only=True):
    """What was taken in of one, byte for byte; base64 on the wire."""

    data: bytes


class DocumentPage(_Wire, frozen=True, kw_only=True):
    """Some documents by their coming; `next`: where the next page begins, None at the end."""

    documents: tuple[DocumentLine, ...]
    next: int | None


class LeftFiles(_Wire, frozen=True, kw_only=True):
    """Files and folders of a company's folder that are left where they are, for one reason."""

    reason: str
    count: int
    example: str
    title: str
    next_step: str


class ClientRow(_Wire, frozen=True, kw_only=True):
    """One company. `reason` and its sentences: what is in the way, None where nothing is.
    `left`: what its folder holds and the agent does not take, by the last whole look."""

    name: str
    cnpj: str
    folder: str
    paused: bool
    reason: str | None
    title: str | None
    next_step: str | None
    left: tuple[LeftFiles, ...]
    added_at: datetime


class Held(_Wire, frozen=True, kw_only=True):
    """Why nothing is sent now. `until` None: until a person acts."""

    reason: str
    title: str
    next_step: str
    until: datetime | None


class SyncOverview(_Wire, frozen=True, kw_only=True):
    """The delivery at a glance. `tokens_today`: requests for a token within 24 hours."""

    is_on: bool
    counts: SyncStatus
    held: Held | None
    tokens_today: int
    clients: tuple[ClientRow, ...]
