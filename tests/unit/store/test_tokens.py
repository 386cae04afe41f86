from __future__ import annotations

from pathlib import Path

from onvio_agent.store.base import Tokens, revocation_row
from support.aio import on_loop
from support.store_parts import START, account, add_linked, later, opened, with_link


@on_loop
async def test_a_successor_is_stored_once_with_the_next_serial(tmp_path: Path) -> None:
    async with opened(tmp_path / "agent.db") as store:
        ana = await add_linked(store, "ana", sealed=b"one")
        assert await store.start_refresh(ana.id, 1, 1, at=later(3))
        assert await store.start_refresh(ana.id, 1, 1, at=later(9))  # tried again: since the first
        assert await store.tokens(ana.id, 1) == Tokens(
            user_id=ana.id, generation=1, serial=1, sealed=b"one", refresh_started_at=later(3)
        )
        assert await store.store_refreshed(ana.id, 1, 1, b"two", b"orphan", at=START)
        assert await store.tokens(ana.id, 1) == Tokens(
            user_id=ana.id, generation=1, serial=2, sealed=b"two"
        )
        assert list(await store.revocations(10)) == []


@on_loop
async def test_a_successor_of_a_serial_that_moved_on_is_queued_for_revocation(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path / "agent.db") as store:
        ana = await add_linked(store, "ana", sealed=b"one")
        assert await store.store_refreshed(ana.id, 1, 1, b"two", None, at=START)
        assert not await store.store_refreshed(ana.id, 1, 1, b"late", b"orphan", at=later(4))
        kept = await store.tokens(ana.id, 1)
        assert kept is not None
        assert kept.sealed == b"two"
        (waiting,) = await store.revocations(10)
        assert (waiting.sealed, waiting.row) == (b"orphan", revocation_row(ana.id))
        assert waiting.queued_at == later(4)


@on_loop
async def test_a_successor_for_a_link_that_was_made_anew_does_not_touch_it(tmp_path: Path) -> None:
    async with opened(tmp_path / "agent.db") as store:
        ana = await add_linked(store, "ana", sealed=b"one")
        assert await store.start_refresh(ana.id, 1, 1, at=START)
        assert await store.save_link(ana.id, 1, with_link(ana, account("ana")), b"new", at=START)
        assert not await store.store_refreshed(ana.id, 1, 1, b"late", b"orphan", at=START)
        new = await store.tokens(ana.id, 2)
        assert new is not None
        assert new.sealed == b"new"
        assert [r.sealed for r in await store.revocations(10)] == [b"one", b"orphan"]


@on_loop
async def test_a_successor_for_an_inactivated_user_is_not_stored(tmp_path: Path) -> None:
    async with opened(tmp_path / "agent.db") as store:
        ana = await add_linked(store, "ana", sealed=b"one")
        assert await store.inactivate(ana.id, 1, None, at=START)
        assert not await store.store_refreshed(ana.id, 1, 1, b"late", b"orphan", at=START)
        assert await store.tokens(ana.id, 1) is None
        assert await store.tokens(ana.id, 2) is None
        assert [r.sealed for r in await store.revocations(10)] == [b"one", b"orphan"]


@on_loop
async def test_a_refresh_starts_only_on_the_stored_serial_and_generation(tmp_path: Path) -> None:
    async with opened(tmp_path / "agent.db") as store:
        ana = await add_linked(store, "ana")
        assert not await store.start_refresh(ana.id, 0, 1, at=START)
        assert not await store.start_refresh(ana.id, 1, 2, at=START)
        assert not await store.start_refresh(999, 1, 1, at=START)
        assert await store.start_refresh(ana.id, 1, 1, at=START)
        assert await store.start_refresh(ana.id, 1, 1, at=later(60))


@on_loop
async def test_a_link_without_tokens_has_none(tmp_path: Path) -> None:
    async with opened(tmp_path / "agent.db") as store:
        ana = await add_linked(store, "ana", sealed=None)
        assert await store.tokens(ana.id, 1) is None
        assert not await store.start_refresh(ana.id, 1, 1, at=START)
        assert await store.inactivate(ana.id, 1, None, at=START)
        assert list(await store.revocations(10)) == []
