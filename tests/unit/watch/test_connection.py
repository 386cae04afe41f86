"""The probe's schedule follows from the verdict, and a probe under way is not planned again."""

from __future__ import annotations

import asyncio
from pathlib import Path

from onvio_agent.actions.intent import pause, resume
from onvio_agent.simulator.faults import Fault
from onvio_agent.watch.connection import ConnectionWatch
from support.aio import on_loop
from support.desks import Bench, Hold, bench
from support.instants import HandTimer


def watched(at: Bench) -> HandTimer:
    timer = HandTimer()
    ConnectionWatch(at.desk, timer).start()
    return timer


@on_loop
async def test_the_next_probe_is_an_interval_after_the_last(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        timer = watched(at)
        heard_at = at.desk.hub.world.connection.heard_at
        assert timer.entries["probe"][0] == heard_at + 30.0


@on_loop
async def test_a_probe_under_way_is_not_planned_again(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        timer = watched(at)
        at.wire.before = hold = Hold("/health")
        probing = asyncio.create_task(timer.fire("probe"))
        await hold.reached.wait()
        planned = timer.count
        for _ in range(5):
            at.desk.hub.set_office(at.desk.hub.office)
            await asyncio.sleep(0)
        assert timer.count == planned
        hold.release()
        await probing
        assert timer.entries["probe"][0] > at.clock.mono()


@on_loop
async def test_a_first_failure_is_tried_again_at_once_and_later_ones_back_off(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        timer = watched(at)
        at.cloud.cloud.set_fault(Fault("http_503", target="api"))
        await timer.fire("probe")
        assert timer.entries["probe"][0] == at.clock.mono()
        await timer.fire("probe")
        assert at.clock.mono() < timer.entries["probe"][0] <= at.clock.mono() + 30.0


@on_loop
async def test_nothing_is_probed_while_paused(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        timer = watched(at)
        await pause(at.desk, None)
        assert "probe" not in timer.entries
        await resume(at.desk)
        assert "probe" in timer.entries


@on_loop
async def test_a_crash_in_a_probe_is_shown_and_the_next_probe_follows(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        timer = watched(at)

        async def crash(_request: object) -> None:
            raise RuntimeError("a bug")

        at.wire.before = crash
        for _ in range(2):
            await timer.fire("probe")
        assert at.icon("gerente") == ("grey", "internal.error")
        assert timer.entries["probe"][0] <= at.clock.mono() + 30.0
        assert len(at.events("task.crashed")) == 1
        at.wire.before = None
        await timer.fire("probe")
        assert at.desk.hub.is_connected()


@on_loop
async def test_a_pause_that_comes_during_a_probe_stops_the_next(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        timer = watched(at)
        at.wire.before = hold = Hold("/health")
        probing = asyncio.create_task(timer.fire("probe"))
        await hold.reached.wait()
        await pause(at.desk, None)
        hold.release()
        await probing
        assert "probe" not in timer.entries


@on_loop
async def test_a_wait_that_outlasts_the_verdict_names_its_reason_when_that_expires(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        timer = watched(at)
        at.cloud.cloud.set_fault(Fault("limited", target="api", value=300))
        await timer.fire("probe")
        assert at.desk.hub.is_connected()  # one failure changes nothing yet
        assert timer.entries["probe"][0] >= at.clock.mono() + 300.0
        at.pass_time(90)
        shown = at.desk.hub.snapshot().connection
        assert (str(shown.state), shown.reason) == ("waiting", "onvio.limited")
