"""Pause and resume: saved first, then shown."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from onvio_agent.actions.intent import MAX_PAUSE_S, pause, resume
from onvio_agent.errors import StoreFailed, WrongUsage
from support.aio import on_loop
from support.desks import bench

NOT_A_NUMBER = float("nan")


@on_loop
async def test_a_pause_has_the_end_that_was_asked_for(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await pause(at.desk, 60.0)
        until = at.clock.wall() + timedelta(seconds=60)
        assert at.desk.hub.intent.until == until
        assert (await at.desk.store.intent()).until == until
        await pause(at.desk, None)
        assert at.desk.hub.intent.until is None


@pytest.mark.parametrize("for_s", [0, -1, MAX_PAUSE_S + 1, float("inf"), NOT_A_NUMBER])
@on_loop
async def test_a_pause_of_no_sensible_length_is_refused(tmp_path: Path, for_s: float) -> None:
    async with bench(tmp_path) as at:
        with pytest.raises(WrongUsage):
            await pause(at.desk, for_s)
        assert str(at.desk.hub.intent.state) == "run"


@on_loop
async def test_what_could_not_be_saved_is_not_shown(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        at.disk.full = True
        with pytest.raises(StoreFailed):
            await pause(at.desk, 60.0)
        assert str(at.desk.hub.intent.state) == "run"


@on_loop
async def test_resuming_what_runs_writes_nothing(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        at.disk.full = True
        await resume(at.desk)
        assert "set_intent" not in at.disk.refused


@on_loop
async def test_a_click_while_a_pause_is_being_saved_ends_it(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await asyncio.gather(pause(at.desk, 60.0), resume(at.desk))
        assert str(at.desk.hub.intent.state) == "run"
        assert str((await at.desk.store.intent()).state) == "run"
