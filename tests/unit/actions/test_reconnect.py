"""One click: resume, probe, check what it can mend; never past a wait that ONVIO named."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from onvio_agent.actions.check_link import check_link
from onvio_agent.actions.intent import pause
from onvio_agent.actions.reconnect import reconnect
from onvio_agent.errors import Refused
from onvio_agent.simulator.faults import Fault
from onvio_agent.verdict.facts import ProbeFailed
from support.aio import on_loop
from support.desks import Bench, Hold, bench
from support.sim import GERENTE

GREEN = ("green", None)


def lose(at: Bench) -> None:
    for _ in range(2):
        at.desk.hub.hear(ProbeFailed(at.clock.mono(), "network.none"))


@on_loop
async def test_a_click_after_an_outage_makes_all_green(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        lose(at)
        at.pass_time(2000)
        await reconnect(at.desk)
        assert at.icon("gerente") == at.icon("ana") == GREEN


@on_loop
async def test_a_click_for_one_checks_that_one_and_the_gerente(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana", "bruno")
        at.pass_time(2000)
        await reconnect(at.desk, "ANA")
        assert at.icon("gerente") == at.icon("ana") == GREEN
        assert at.icon("bruno") == ("grey", "agent.stale")
        with pytest.raises(Refused, match=r"^user\.unknown"):
            await reconnect(at.desk, "zoe")


@on_loop
async def test_clicks_on_one_name_in_any_spelling_are_one(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        sent = at.wire.sent.count("/health")
        await asyncio.gather(*(reconnect(at.desk, each) for each in ("ana", "ANA", " Ana ")))
        assert at.wire.sent.count("/health") == sent + 1


@on_loop
async def test_while_onvio_is_not_reached_no_link_is_asked_for(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        lose(at)
        at.wire.cut = True
        sent = len(at.wire.sent)
        await reconnect(at.desk)
        assert len(at.wire.sent) == sent
        assert at.icon("gerente") == ("grey", "network.refused")


@on_loop
async def test_a_click_shows_that_it_is_checking_on_the_way_up_only(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        at.wire.before = hold = Hold("/health")
        for offline, state in ((False, "online"), (True, "checking")):
            if offline:
                lose(at)
            hold.reached.clear()
            hold.released.clear()
            clicking = asyncio.create_task(reconnect(at.desk))
            await hold.reached.wait()
            assert str(at.desk.hub.world.connection.state) == state
            hold.release()
            await clicking


@on_loop
async def test_a_click_does_not_reach_a_server_that_asked_for_silence(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        at.cloud.cloud.set_fault(Fault("limited", target="auth", value=120))
        await check_link(at.desk, 1)
        sent = len(at.wire.sent)
        for _ in range(10):
            await reconnect(at.desk)
        assert set(at.wire.sent[sent:]) == {"/health"}  # the other server did not ask for silence


@on_loop
async def test_a_pause_that_comes_during_a_click_stops_it(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        at.wire.after = hold = Hold("/health")
        clicking = asyncio.create_task(reconnect(at.desk))
        await hold.reached.wait()
        sent = len(at.wire.sent)
        await pause(at.desk, None)
        hold.release()
        await clicking
        assert len(at.wire.sent) == sent


@on_loop
async def test_when_the_gerente_turns_out_to_be_gone_nobody_else_is_asked_for(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        at.cloud.cloud.revoke(GERENTE)
        await reconnect(at.desk)
        sent = at.wire.sent.count("/userinfo")
        await reconnect(at.desk)
        assert at.wire.sent.count("/userinfo") == sent
        assert at.icon("ana") == ("grey", "manager.waiting")


@on_loop
async def test_finished_clicks_leave_nothing_behind(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        for _ in range(5):
            await reconnect(at.desk)
            await reconnect(at.desk, "ana")
        await at.settle()
        assert at.desk._running == {}
