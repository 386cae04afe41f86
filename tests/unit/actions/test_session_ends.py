"""ONVIO says when a session will end for good: people know it before the working day is over."""

from __future__ import annotations

from pathlib import Path

import pytest

from onvio_agent.actions.check_link import check_link
from onvio_agent.actions.probe import probe
from onvio_agent.contract.status import IconState, UserStatus
from onvio_agent.simulator.tokens import Rotation
from support.aio import on_loop
from support.desks import Bench, bench

HOUR_S = 3600.0
DAY_S = 10 * HOUR_S  # the warning begins so long before


def shown(at: Bench, login: str = "gerente") -> UserStatus:
    return next(row for row in at.desk.hub.snapshot().users if row.login == login)


async def pass_hours(at: Bench, hours: float) -> None:
    at.pass_time(hours * HOUR_S)
    await probe(at.desk)
    await check_link(at.desk, 1)
    at.desk.hub.tick()


@on_loop
async def test_a_warning_stands_beside_green_until_somebody_signs_in_again(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        at.cloud.cloud.set_rotation(Rotation(session_s=12 * HOUR_S))
        await at.connect("gerente")
        assert shown(at).icon.warning is None
        ends_at = shown(at).link.session_ends_at
        assert ends_at is not None
        await pass_hours(at, 1)  # renewed, and ends as before
        later = shown(at).link.session_ends_at
        assert later is not None
        assert abs((later - ends_at).total_seconds()) < 2
        assert at.icon("gerente") == ("green", None)
        assert shown(at).icon.warning is None
        await pass_hours(at, 1.1)
        told = shown(at).icon.warning
        assert at.icon("gerente") == ("green", None)
        assert told is not None
        assert told.code == "link.ends_soon"
        assert later.astimezone().strftime("%H:%M") in told.title
        top = at.desk.hub.snapshot().icon  # the office's: it names whose session it is
        assert top.state is IconState.GREEN
        assert top.warning is not None
        assert top.warning.title == f"{shown(at).name}: {told.title}"
        assert [event["user"] for event in at.events("session.ends_soon")] == ["gerente"]
        await at.link("gerente")
        assert shown(at).icon.warning is None
        await pass_hours(at, 11)
        assert shown(at).icon.state is IconState.GREEN  # the new one still stands


@pytest.mark.parametrize("session_s", [None, 400 * DAY_S])
@on_loop
async def test_nobody_is_warned_of_an_end_that_is_far_or_unknown(
    tmp_path: Path, session_s: float | None
) -> None:
    async with bench(tmp_path) as at:
        at.cloud.cloud.set_rotation(Rotation(session_s=session_s))
        await at.connect("gerente")
        assert (shown(at).link.session_ends_at is None) == (session_s is None)
        assert shown(at).icon.warning is None


@on_loop
async def test_the_end_is_known_again_after_a_restart_and_once_it_has_come_no_more(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as first:
        first.cloud.cloud.set_rotation(Rotation(session_s=5 * HOUR_S))
        await first.connect("gerente")
        before = shown(first).link.session_ends_at
    async with bench(tmp_path, after=first) as at:
        assert shown(at).link.session_ends_at is None  # nothing is known before a check
        await check_link(at.desk, 1)
        after = shown(at).link.session_ends_at
        assert before is not None
        assert after is not None
        assert abs((after - before).total_seconds()) < 2
        assert shown(at).icon.warning is not None
        await pass_hours(at, 5.1)
        assert at.icon("gerente") == ("play", "link.session_ended")
        assert shown(at).link.session_ends_at is None
        assert shown(at).icon.warning is None


@on_loop
async def test_a_server_that_does_not_rotate_and_says_it_once_is_believed(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        at.cloud.cloud.set_rotation(Rotation(enabled=False, session_s=5 * HOUR_S))
        await at.connect("gerente")
        before = shown(at).link.session_ends_at
        family = next(iter(at.cloud.cloud.world.tokens.state.families.values()))
        family.ends_at = None  # its later answers say nothing
        await pass_hours(at, 1.1)
        after = shown(at).link.session_ends_at
        assert before is not None
        assert after is not None
        assert abs((after - before).total_seconds()) < 2
