"""One line a change, one row a transition; repeats are counted, and a full disk loses nothing soon."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from onvio_agent.actions import people, personal_data
from onvio_agent.actions.check_link import check_link
from onvio_agent.actions.intent import pause, resume
from onvio_agent.actions.probe import probe
from onvio_agent.simulator.faults import Fault
from onvio_agent.store.base import Transition
from onvio_agent.verdict.facts import ProbeFailed
from onvio_agent.watch import journal as journal_module
from support.aio import on_loop
from support.desks import GER, Bench, bench


async def rows(at: Bench, subject: str | None = None) -> list[Transition]:
    """The history, oldest first."""
    await at.settle()
    found = await at.desk.store.history(subject=subject, since=None, limit=10_000)
    return list(reversed(found))


@on_loop
async def test_each_change_is_one_line_and_one_row(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        at.lines.lines.clear()
        before = len(await rows(at))
        await pause(at.desk, None)
        assert len(at.events("intent.changed")) == 1
        added = (await rows(at))[before:]
        assert [(row.subject, row.before, row.after) for row in added] == [
            ("intent", "run", "paused")
        ]


@on_loop
async def test_the_icon_is_logged_and_not_kept_for_it_follows_from_the_rest(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await pause(at.desk, None)
        assert at.events("icon.changed")[-1]["reason"] == "paused"
        assert "icon" not in {row.subject for row in await rows(at)}


@on_loop
async def test_a_failed_check_is_said_with_its_reason_once_then_its_end_with_the_count(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        at.cloud.cloud.set_fault(Fault("http_503", target="api"))
        for _ in range(5):
            at.pass_time(2)
            await probe(at.desk)
        at.cloud.cloud.clear_faults()
        at.pass_time(2)
        await probe(at.desk)
        assert [each["reason"] for each in at.events("check.failed")] == ["onvio.unavailable"]
        recovered = at.events("check.recovered")
        assert [each["failures"] for each in recovered] == [5]
        assert recovered[0]["duration_s"] == 10.0


@on_loop
async def test_another_reason_within_a_trouble_is_said_too(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        for reason in ("network.dns", "network.timeout", "network.dns"):
            at.desk.hub.hear(ProbeFailed(at.clock.mono(), reason))
        said = [each["reason"] for each in at.events("check.failed")]
        assert said == ["network.dns", "network.timeout"]


@on_loop
async def test_a_links_trouble_names_its_user(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        at.cloud.cloud.set_fault(Fault("http_503", target="auth"))
        await check_link(at.desk, at.user("gerente").id)
        said = at.events("check.failed")[-1]
        assert (said["user"], said["reason"]) == ("gerente", "onvio.unavailable")


@on_loop
async def test_a_full_disk_is_said_once_and_the_rows_wait_in_order(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        before = len(await rows(at))
        at.disk.full = True
        for reason in ("network.dns", "network.dns", "network.timeout", "network.refused"):
            at.desk.hub.hear(ProbeFailed(at.clock.mono(), reason))
            await at.settle()
        assert len(at.events("history.not_saved")) == 1
        at.disk.full = False
        await probe(at.desk)
        added = (await rows(at, "connection"))[-4:]
        assert [row.reason for row in added] == [
            "network.dns",
            "network.timeout",
            "network.refused",
            None,
        ]
        assert len(await rows(at)) > before
        at.disk.full = True
        at.desk.hub.hear(ProbeFailed(at.clock.mono(), "network.dns", certain=True))
        await at.settle()
        assert len(at.events("history.not_saved")) == 2


@on_loop
async def test_a_row_that_waits_does_not_outlive_its_user(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await people.inactivate(at.desk, GER, "ana", confirmed=True)
        waiting = (await rows(at, "ana"))[-1]
        await personal_data.erase(at.desk, GER, "ana")
        assert await rows(at, "ana") == []
        at.agent._journal._waiting.append(waiting)
        await at.agent._journal.flush()
        assert await rows(at, "ana") == []


@on_loop
async def test_rows_that_cannot_be_written_do_not_grow_without_end(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        at.disk.full = True
        most = journal_module._WAITING_MAX
        for number in range(most + 50):
            reason = "network.dns" if number % 2 else "network.timeout"
            at.desk.hub.hear(ProbeFailed(at.clock.mono(), reason))
        await at.settle()
        assert most - 1 <= len(at.agent._journal._waiting) <= most + 1
        at.disk.full = False
        await at.agent._journal.flush()
        assert at.agent._journal._waiting == []


@on_loop
async def test_a_full_disk_is_tried_with_one_row_and_then_takes_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path) as at:
        handed: list[int] = []

        async def noted(transitions: Sequence[Transition]) -> None:
            handed.append(len(transitions))
            await type(at.disk).__getattr__(at.disk, "add_transitions")(transitions)

        monkeypatch.setattr(at.desk.store, "add_transitions", noted)
        at.disk.full = True
        for number in range(20):
            reason = "network.dns" if number % 2 else "network.timeout"
            at.desk.hub.hear(ProbeFailed(at.clock.mono(), reason, certain=True))
            await at.settle()
        assert len(handed) > 10
        assert handed == [1] * len(handed)
        at.disk.full = False
        await at.agent._journal.flush()
        assert handed[-1] > 10


@on_loop
async def test_nothing_is_written_twice_when_somebody_flushes_meanwhile(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        before = len(await rows(at))
        await pause(at.desk, None)
        await at.agent._journal.flush()
        await resume(at.desk)
        await at.agent._journal.flush()
        assert len(await rows(at)) == before + 2


@on_loop
async def test_the_agents_end_is_noted_so_that_silence_is_taken_for_no_state(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await at.agent.stop()
        (row,) = await at.desk.store.history(subject="agent", since=None, limit=5)
        assert (row.at, row.before, row.after) == (at.clock.wall(), "running", "stopped")


@on_loop
async def test_an_error_that_nobody_expects_does_not_keep_the_agent_from_ending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(_rows: object) -> None:
        raise ValueError("a bug of the store")

    async with bench(tmp_path) as at:
        monkeypatch.setattr(at.desk.store, "add_transitions", breaks)
        await at.agent.stop()
        assert ["bug" in each["error"] for each in at.events("task.crashed")] == [True]
