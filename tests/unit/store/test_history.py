from __future__ import annotations

from pathlib import Path

from onvio_agent.contract.status import Role
from onvio_agent.store.base import Transition
from support.aio import on_loop
from support.store_parts import START, add_linked, later, look, opened, stored


def change(second: float, subject: str = "connection", after: str = "online") -> Transition:
    return Transition(
        at=later(second), subject=subject, before="offline", after=after,
        reason="network.dns", duration_s=1.5,
    )  # fmt: skip


@on_loop
async def test_changes_come_back_newest_first_by_subject_and_time(tmp_path: Path) -> None:
    async with opened(tmp_path / "agent.db") as store:
        await add_linked(store, "ana")
        await store.add_transitions([change(1), change(2, "ana"), change(3)])
        await store.add_transitions([change(4, "ana")])
        every = await store.history(subject=None, since=None, limit=10)
        assert list(every) == [change(4, "ana"), change(3), change(2, "ana"), change(1)]
        ana = await store.history(subject="ana", since=None, limit=10)
        assert list(ana) == [change(4, "ana"), change(2, "ana")]
        recent = await store.history(subject=None, since=later(3), limit=10)
        assert list(recent) == [change(4, "ana"), change(3)]
        assert list(await store.history(subject="ana", since=later(5), limit=10)) == []
        assert list(await store.history(subject=None, since=None, limit=1)) == [change(4, "ana")]


@on_loop
async def test_changes_of_one_instant_keep_the_order_of_their_coming(tmp_path: Path) -> None:
    async with opened(tmp_path / "agent.db") as store:
        await store.add_transitions([change(1, after=f"state {n}") for n in range(5)])
        found = await store.history(subject=None, since=None, limit=10)
        assert [t.after for t in found] == [f"state {n}" for n in reversed(range(5))]


@on_loop
async def test_old_rows_go_in_batches_the_oldest_first(tmp_path: Path) -> None:
    async with opened(tmp_path / "agent.db") as store:
        await store.add_transitions([change(n) for n in range(25)])
        dropped = []
        while count := await store.prune_history(later(21), 8):
            dropped.append(count)
            oldest = (await store.history(subject=None, since=None, limit=99))[-1]
            assert oldest == change(sum(dropped))
        assert dropped == [8, 8, 5]
        assert len(await store.history(subject=None, since=None, limit=99)) == 4


@on_loop
async def test_nothing_to_prune_commits_nothing(tmp_path: Path) -> None:
    path = tmp_path / "agent.db"
    async with opened(path) as store:
        await store.add_transitions([change(1)])
        assert await store.prune_history(START, 100) == 0
        await store.add_transitions([])


@on_loop
async def test_s8_the_history_of_an_inactivated_user_stays(tmp_path: Path) -> None:
    async with opened(tmp_path / "agent.db") as store:
        await add_linked(store, "chefe", role=Role.MANAGER)
        ana = await add_linked(store, "ana")
        await store.add_transitions([change(1, "ana")])
        assert await store.inactivate(ana.id, 1, None, at=START)
        assert list(await store.history(subject="ana", since=None, limit=9)) == [change(1, "ana")]


@on_loop
async def test_what_waited_to_be_written_of_an_erased_user_is_left_out(tmp_path: Path) -> None:
    async with opened(tmp_path / "agent.db") as store:
        await add_linked(store, "chefe", role=Role.MANAGER)
        ana = await add_linked(store, "ana")
        assert await store.inactivate(ana.id, 1, None, at=START)
        assert await store.erase(ana.id, (await stored(store, ana.id)).link.generation)
        await store.add_transitions([change(1, "ana"), change(2), change(3, "chefe")])
        every = await store.history(subject=None, since=None, limit=9)
        assert list(every) == [change(3, "chefe"), change(2)]


@on_loop
async def test_reading_and_pruning_walk_an_index_not_the_table(tmp_path: Path) -> None:
    path = tmp_path / "agent.db"
    async with opened(path):
        pass
    for sql in (
        "SELECT * FROM history WHERE subject = 'x' AND at >= 0 ORDER BY at DESC, id DESC LIMIT 5",
        "SELECT * FROM history WHERE at >= 0 ORDER BY at DESC, id DESC LIMIT 5",
        "SELECT id FROM history WHERE at < 9 ORDER BY at, id LIMIT 5",
    ):
        plan = " ".join(str(row[3]) for row in look(path, f"EXPLAIN QUERY PLAN {sql}"))
        assert "INDEX history_" in plan
        assert "TEMP B-TREE" not in plan
