"""What is kept of documents: one content once, in order, with its bytes, whatever comes between."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from hashlib import sha256
from pathlib import Path

import msgspec

from onvio_agent.store import sync_documents
from onvio_agent.store.sync_base import (
    DocumentState,
    Intake,
    NewDocument,
    Settlement,
    TakenFile,
)
from onvio_agent.store.sync_sqlite import SqliteSync
from support.aio import on_loop
from support.store_parts import CLIENT, START, later, look, opened


@asynccontextmanager
async def with_client(path: Path) -> AsyncIterator[SqliteSync]:
    """A store with one company."""
    async with opened(path) as store:
        if not await store.sync.clients():
            assert await store.sync.add_client(CLIENT)
        yield store.sync


def new(text: str, **changes: object) -> NewDocument:
    data = text.encode()
    base = NewDocument(name=f"{text}.xml", sha256=sha256(data).hexdigest(), data=data, kind="nfe")
    return msgspec.structs.replace(base, **changes)


def came_in(path: str, *documents: NewDocument) -> Intake:
    file = TakenFile(path=path, sha256="f", size=1, mtime_ns=1)
    return Intake(file=file, documents=documents)


async def taken(sync: SqliteSync, *items: Intake, mono: float = 0.0) -> list[int]:
    return [found.id for found in await sync.take(1, items, at=START, mono=mono)]


async def end(sync: SqliteSync, document_id: int, state: DocumentState) -> None:
    await sync.settle([Settlement(document_id=document_id, state=state)], at=later(1), mono=1)


@on_loop
async def test_the_look_for_another_content_of_a_key_walks_an_index(tmp_path: Path) -> None:
    path = tmp_path / "agent.db"
    async with with_client(path) as sync:
        await taken(sync, came_in("a", new("a", access_key="1")))
    said: list[str] = []
    with closing(sqlite3.connect(path)) as db:
        db.set_trace_callback(said.append)
        sync_documents.other_content(db, 1)
        db.set_trace_callback(None)
        (asked,) = said
        plan = " ".join(row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {asked}"))
    assert "INDEX sync_documents_at_onvio (client_id=? AND access_key=?)" in plan
    assert "SCAN" not in plan


@on_loop
async def test_a_content_is_taken_once_and_a_refused_one_anew(tmp_path: Path) -> None:
    async with with_client(tmp_path / "agent.db") as sync:
        first = await taken(sync, came_in("a.xml", new("x")))
        assert await taken(sync, came_in("b.xml", new("x"))) == first
        await end(sync, first[0], DocumentState.REFUSED)
        assert await taken(sync, came_in("c.xml", new("x"))) == first
        (found,) = await sync.documents(after_id=0, limit=9)
        assert (found.state, found.attempts, found.finished_at) == ("queued", 0, None)


@on_loop
async def test_documents_are_claimed_in_order_with_their_bytes_and_counted(tmp_path: Path) -> None:
    async with with_client(tmp_path / "agent.db") as sync:
        await taken(sync, came_in("a.xml", new("x"), new("y")))
        claimed = [await sync.claim(1, mono=0), await sync.claim(1, mono=0)]
        assert [found[1] for found in claimed if found] == [b"x", b"y"]
        assert await sync.claim(1, mono=0) is None
        counts, oldest = await sync.counts()
        assert (counts["sending"], counts["queued"], oldest) == (2, 0, START)


@on_loop
async def test_the_next_one_is_claimed_with_the_settlement_of_those_before(tmp_path: Path) -> None:
    async with with_client(tmp_path / "agent.db") as sync:
        one, two = await taken(sync, came_in("a.xml", new("x"), new("y")))
        await sync.claim(1, mono=0)
        accepted = Settlement(document_id=one, state=DocumentState.ACCEPTED, batch_id="b")
        settled, claimed = await sync.settle([accepted], at=START, mono=0, claim_for=1)
        assert [(found.id, found.state) for found in settled] == [(one, "accepted")]
        assert claimed is not None
        assert (claimed[0].id, claimed[0].state, claimed[1]) == (two, "queued", b"y")


@on_loop
async def test_what_waits_is_not_claimed_before_its_time(tmp_path: Path) -> None:
    async with with_client(tmp_path / "agent.db") as sync:
        (one,) = await taken(sync, came_in("a.xml", new("x")))
        await sync.claim(1, mono=0)
        waits = Settlement(document_id=one, state=DocumentState.WAITING, wait_s=60)
        await sync.settle([waits], at=START, mono=0)
        assert await sync.claim(1, mono=59) is None
        assert await sync.next_due(mono=0) == 60
        assert await sync.claim(1, mono=60) is not None


@on_loop
async def test_an_end_is_final(tmp_path: Path) -> None:
    async with with_client(tmp_path / "agent.db") as sync:
        (one,) = await taken(sync, came_in("a.xml", new("x")))
        await end(sync, one, DocumentState.STORED)
        late = Settlement(document_id=one, state=DocumentState.WAITING)
        assert await sync.settle([late], at=START, mono=0) == ([], None)
        assert await sync.cancel(one, at=START) is None
        assert await sync.retry(one, mono=0) is None


@on_loop
async def test_after_a_restart_of_the_machine_no_wait_is_longer_than_it_was(tmp_path: Path) -> None:
    async with with_client(tmp_path / "agent.db") as sync:
        one, two = await taken(sync, came_in("a.xml", new("x"), new("y")), mono=900_000)
        await sync.claim(1, mono=900_000)
        accepted = Settlement(
            document_id=two, state=DocumentState.ACCEPTED, batch_id="b", wait_s=3_600
        )
        await sync.settle([accepted], at=START, mono=900_000)
        assert await sync.restarted(mono=10, resend_mono=70) == 1
        assert [found.id for found in await sync.due_polls(mono=10, limit=9)] == [two]
        assert await sync.claim(1, mono=69) is None
        claimed = await sync.claim(1, mono=70)
        assert claimed is not None
        assert claimed[0].id == one


@on_loop
async def test_a_file_is_done_once_all_its_documents_are(tmp_path: Path) -> None:
    async with with_client(tmp_path / "agent.db") as sync:
        one, two = await taken(sync, came_in("a.zip", new("x"), new("y")))
        await end(sync, one, DocumentState.STORED)
        assert await sync.done_files(1, 9) == []
        await end(sync, two, DocumentState.REFUSED)
        (done,) = await sync.done_files(1, 9, [one, two])
        assert [found.id for found in done.documents] == [one, two]
        assert await sync.new_files(1, [("a.zip", 1, 1), ("a.zip", 2, 1)]) == [False, True]
        await sync.put_away(1, ["a.zip"])
        assert await sync.done_files(1, 9) == []


@on_loop
async def test_a_company_goes_with_its_documents_and_not_while_one_is_under_way(
    tmp_path: Path,
) -> None:
    path = tmp_path / "agent.db"
    async with with_client(path) as sync:
        (one,) = await taken(sync, came_in("a.xml", new("x")))
        assert not await sync.remove_client(1)
        await end(sync, one, DocumentState.DUPLICATE)
        assert await sync.remove_client(1)
        assert await sync.next_client_id() == 2
        counts, _oldest = await sync.counts()
        assert not any(counts.values())
    assert look(path, "SELECT count(*) FROM sync_bytes") == [(0,)]


@on_loop
async def test_name_cnpj_and_folder_belong_to_one_company(tmp_path: Path) -> None:
    async with with_client(tmp_path / "agent.db") as sync:
        other = msgspec.structs.replace(CLIENT, id=2, name="B", cnpj="45723174000110", folder="/b")
        for clash in ({"name": "PADARIA"}, {"cnpj": CLIENT.cnpj}, {"folder": "/xml"}):
            assert not await sync.add_client(msgspec.structs.replace(other, **clash))
        assert await sync.add_client(other)
        assert not await sync.renew_client(msgspec.structs.replace(other, folder="/xml"))
