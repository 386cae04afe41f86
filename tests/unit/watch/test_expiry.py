"""What has grown too old stops being green at its instant; a pause ends at its time, even late."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from onvio_agent.actions.intent import pause, resume
from onvio_agent.actions.probe import probe
from support.aio import on_loop
from support.desks import Bench, bench

GREEN = ("green", None)


def due_in(at: Bench, name: str) -> float:
    return at.timer.entries[name][0] - at.clock.mono()


@on_loop
async def test_the_hub_is_woken_just_after_the_nearest_end(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        at.agent.start()
        assert 90.0 < due_in(at, "expiry") < 90.01


@on_loop
async def test_a_verdict_that_nobody_renews_ends_at_its_instant(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        at.agent.start()
        at.clock.advance(due_in(at, "expiry"))
        before = at.desk.hub.world.connection.state
        await at.timer.fire("expiry")
        assert (str(before), str(at.desk.hub.world.connection.state)) == ("online", "offline")
        assert at.events("icon.changed")[-1]["reason"] == "agent.stale"


@on_loop
async def test_a_renewal_is_not_planned_anew_and_the_early_call_plans_the_later_end(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        at.agent.start()
        first = at.timer.entries["expiry"][0]
        at.clock.advance(60.0)
        await probe(at.desk)
        assert at.timer.entries["expiry"][0] == first
        at.clock.advance(due_in(at, "expiry"))
        await at.timer.fire("expiry")
        assert at.desk.hub.is_connected()
        assert at.timer.entries["expiry"][0] == first + 60.0


@on_loop
async def test_a_pause_ends_at_its_time(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        at.agent.start()
        await pause(at.desk, 30.0)
        assert due_in(at, "pause") == 30.0
        at.pass_time(30.0)
        await at.timer.fire("pause")
        assert at.icon("gerente") == GREEN
        assert "pause" not in at.timer.entries


@on_loop
async def test_an_open_ended_pause_has_no_end_and_a_resume_forgets_the_planned_one(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        at.agent.start()
        await pause(at.desk, 30.0)
        await pause(at.desk, None)
        assert "pause" not in at.timer.entries
        await pause(at.desk, 30.0)
        await resume(at.desk)
        assert "pause" not in at.timer.entries


@on_loop
async def test_a_pause_follows_a_clock_that_is_set_within_a_minute(tmp_path: Path) -> None:
    """Its end was given by the clock on the wall, so it is looked at again and again."""
    async with bench(tmp_path) as at:
        at.agent.start()
        await pause(at.desk, 3600.0)
        assert due_in(at, "pause") == 60.0
        at.clock.advance(60.0)
        await at.timer.fire("pause")
        assert str(at.desk.hub.intent.state) == "paused"
        at.clock.step_wall(2 * 86400.0)
        at.clock.advance(60.0)
        await at.timer.fire("pause")
        assert str(at.desk.hub.intent.state) == "run"


@on_loop
async def test_a_clock_that_is_set_back_does_not_stretch_a_pause(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        at.agent.start()
        await pause(at.desk, 90.0)
        at.clock.step_wall(-2 * 86400.0)
        at.clock.advance(60.0)
        await at.timer.fire("pause")
        assert str(at.desk.hub.intent.state) == "paused"
        assert due_in(at, "pause") == 30.0
        at.clock.advance(30.0)
        await at.timer.fire("pause")
        assert str(at.desk.hub.intent.state) == "run"


@on_loop
async def test_after_a_restart_a_pause_lasts_its_own_length_at_most(tmp_path: Path) -> None:
    async with bench(tmp_path) as first:
        await pause(first.desk, 600.0)
    first.clock.advance(300.0)
    first.clock.step_wall(-2 * 86400.0)
    async with bench(tmp_path, after=first, online=False) as at:
        until = at.clock.wall() + timedelta(seconds=600.0)
        assert at.desk.hub.intent.until == until


@on_loop
async def test_a_pause_that_ended_while_the_agent_was_off_ends_at_the_start(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as first:
        await pause(first.desk, 600.0)
    first.clock.advance(601.0)
    async with bench(tmp_path, after=first, online=False) as at:
        assert at.icon("ana")[1] == "paused"
        at.agent.start()
        assert due_in(at, "pause") == 0.0
        await at.timer.fire("pause")
        assert str((await at.desk.store.intent()).state) == "run"


@on_loop
async def test_a_pause_outlives_a_restart_and_nothing_is_asked_meanwhile(tmp_path: Path) -> None:
    async with bench(tmp_path) as first:
        await first.connect("gerente")
        await pause(first.desk, 600.0)
        until = first.clock.wall() + timedelta(seconds=600.0)
    async with bench(tmp_path, after=first, online=False) as at:
        at.agent.start()
        assert at.desk.hub.intent.until == until
        assert not {"probe", "links", "revoke"} & at.timer.entries.keys()
        assert at.wire.sent == []


@on_loop
async def test_a_full_disk_delays_the_end_of_a_pause_and_does_not_forget_it(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        at.agent.start()
        await pause(at.desk, 30.0)
        at.disk.full = True
        at.clock.advance(30.0)
        await at.timer.fire("pause")
        assert str(at.desk.hub.intent.state) == "paused"
        at.disk.full = False
        at.clock.advance(due_in(at, "pause"))
        await at.timer.fire("pause")
        assert str(at.desk.hub.intent.state) == "run"
