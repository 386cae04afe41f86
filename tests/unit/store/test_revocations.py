from __future__ import annotations

from pathlib import Path

from support.aio import on_loop
from support.store_parts import START, later, opened


@on_loop
async def test_the_queue_survives_a_restart_and_ends_only_when_onvio_has_confirmed(
    tmp_path: Path,
) -> None:
    path = tmp_path / "agent.db"
    async with opened(path) as store:
        await store.queue_revocation(7, b"first", at=START)
        await store.queue_revocation(8, b"second", at=later(1))
    async with opened(path) as store:
        first, second = await store.revocations(10)
        assert (first.user_id, first.sealed, first.queued_at) == (7, b"first", START)
        await store.revocation_done(first.id)
        assert list(await store.revocations(10)) == [second]


@on_loop
async def test_one_that_always_fails_does_not_hold_up_the_others(tmp_path: Path) -> None:
    async with opened(tmp_path / "agent.db") as store:
        for name in (b"bad", b"good", b"fine"):
            await store.queue_revocation(1, name, at=START)
        (bad,) = await store.revocations(1)
        await store.revocation_failed(bad.id)
        waiting = await store.revocations(10)
        assert [(r.sealed, r.attempts) for r in waiting] == [
            (b"good", 0),
            (b"fine", 0),
            (b"bad", 1),
        ]


@on_loop
async def test_an_unknown_id_changes_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path / "agent.db") as store:
        await store.queue_revocation(1, b"x", at=START)
        await store.revocation_done(99)
        await store.revocation_failed(99)
        (left,) = await store.revocations(10)
        assert left.attempts == 0
