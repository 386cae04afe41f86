"""A tick that crashes is told once and called again."""

from __future__ import annotations

from pathlib import Path

from onvio_agent.watch.again import AGAIN_S, surviving
from support.aio import on_loop
from support.desks import bench


@on_loop
async def test_a_tick_that_crashes_comes_again_until_it_works_and_is_told_once(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        fails = [True]
        calls: list[str] = []

        async def tick() -> None:
            calls.append("tick")
            if fails[0]:
                raise RuntimeError("a bug")

        at.timer.at("work", at.clock.mono(), surviving(at.desk, at.timer, "work", tick))
        for _ in range(3):
            await at.timer.fire("work")
            assert at.timer.entries["work"][0] == at.clock.mono() + AGAIN_S
        assert len(at.events("task.crashed")) == 1
        fails[0] = False
        await at.timer.fire("work")
        assert "work" not in at.timer.entries
        assert len(calls) == 4


@on_loop
async def test_a_new_trouble_after_a_success_is_told_again(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        for _ in range(2):
            at.desk.crashed("work", RuntimeError("a bug"))
            at.desk.crashed("work", RuntimeError("a bug"))
            at.desk.mended("work")
        assert len(at.events("task.crashed")) == 2


@on_loop
async def test_whatever_a_watcher_meets_it_is_planned_again(tmp_path: Path) -> None:
    """Each of them, with a hub that has a bug."""
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        at.agent.start()

        def broken(*_args: object) -> None:
            raise RuntimeError("a bug")

        for name in ("hear", "tick", "is_connected"):
            setattr(at.desk.hub, name, broken)
        at.desk.store.prune_history = broken  # type: ignore[method-assign,assignment] # broken too
        at.desk.kick_revocations()
        names = sorted(at.timer.entries)
        assert names == ["expiry", "links", "probe", "prune", "revoke"]
        at.clock.advance(600.0)
        for name in names:
            await at.timer.fire(name)
        await at.settle()
        assert sorted(at.timer.entries) == names
