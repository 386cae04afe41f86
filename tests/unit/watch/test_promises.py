"""Waits that ONVIO asked for outlive a restart, however often; the others end with their cause."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from onvio_agent.actions.check_link import check_link
from onvio_agent.actions.probe import probe
from onvio_agent.actions.reconnect import reconnect
from onvio_agent.simulator.faults import Fault
from onvio_agent.store.base import Retry
from onvio_agent.verdict.facts import ProbeFailed
from support.aio import on_loop
from support.desks import Bench, bench


async def kept(at: Bench) -> dict[str, Retry]:
    await at.settle()
    return {retry.key: retry for retry in await at.desk.store.retries()}


@on_loop
async def test_a_named_wait_is_kept_for_server_and_connection(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        at.cloud.cloud.set_fault(Fault("limited", target="api", value=600))
        await probe(at.desk)
        found = await kept(at)
        assert sorted(found) == ["api", "connection"]
        for retry in found.values():
            assert retry.not_before >= at.clock.wall() + timedelta(seconds=600)


@on_loop
async def test_restarts_are_no_way_around_a_wait(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        at.cloud.cloud.set_fault(Fault("limited", target="api", value=600))
        await probe(at.desk)
        await at.settle()
        at.cloud.cloud.clear_faults()
    for _ in range(4):
        at.clock.advance(100.0)
        async with bench(tmp_path, after=at, online=False) as again:
            again.agent.start()
            assert again.icon("gerente") == ("grey", "onvio.limited")
            await reconnect(again.desk)
            assert again.wire.sent == []
            assert again.timer.entries["probe"][0] > again.clock.mono() + 100.0
            await again.settle()
        at = again
    at.clock.advance(200.0)
    async with bench(tmp_path, after=at, online=False) as last:
        await reconnect(last.desk)
        assert last.desk.hub.is_connected()
        assert "connection" not in await kept(last)


@on_loop
async def test_the_backoff_after_an_outage_goes_on_after_a_restart(tmp_path: Path) -> None:
    async with bench(tmp_path) as first:
        first.cloud.cloud.set_fault(Fault("http_503", target="api"))
        for _ in range(6):
            first.pass_time(1)
            await probe(first.desk)
        await first.settle()
    async with bench(tmp_path, after=first, online=False) as at:
        at.agent.start()
        assert at.desk.hub.world.connection.failures == 6
        at.desk.hub.set_office(at.desk.hub.office)  # whatever is published meanwhile
        assert (await kept(at))["connection"].failures == 6
        await probe(at.desk)
        assert (await kept(at))["connection"].failures == 7


@on_loop
async def test_a_links_wait_is_obeyed_after_a_restart(tmp_path: Path) -> None:
    async with bench(tmp_path) as first:
        await first.connect("gerente")
        first.cloud.cloud.set_fault(Fault("http_503", target="auth"))
        for _ in range(6):
            await check_link(first.desk, first.user("gerente").id)
        await first.settle()
        retry_at = first.desk.hub.link(1).retry_at  # type: ignore[union-attr] # linked
        assert retry_at is not None
    async with bench(tmp_path, after=first) as at:
        at.agent.start()
        assert at.icon("gerente") == ("grey", "onvio.unavailable")
        assert at.timer.entries["links"][0] == pytest.approx(retry_at)
        assert (await kept(at))["link:1"].failures == 6


@on_loop
async def test_success_clears_what_was_kept(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        at.cloud.cloud.set_fault(Fault("http_503"))
        await probe(at.desk)
        await check_link(at.desk, 1)
        assert sorted(await kept(at)) == ["connection", "link:1"]
        at.cloud.cloud.clear_faults()
        await probe(at.desk)
        await check_link(at.desk, 1)
        assert await kept(at) == {}


@on_loop
async def test_a_promise_once_kept_is_not_kept_again_when_the_clock_is_set_back(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        at.cloud.cloud.set_fault(Fault("limited", target="api", value=600))
        await probe(at.desk)
        at.cloud.cloud.clear_faults()
        at.pass_time(601)
        await probe(at.desk)
        assert await kept(at) == {}
    at.clock.step_wall(-86400.0)
    async with bench(tmp_path, after=at, online=False) as again:
        await reconnect(again.desk)
        assert again.desk.hub.is_connected()


@on_loop
async def test_a_clock_set_ahead_over_a_restart_cuts_no_wait_short(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        at.cloud.cloud.set_fault(Fault("limited", target="api", value=600))
        await probe(at.desk)
        at.cloud.cloud.clear_faults()
        await at.settle()
    at.clock.step_wall(86400.0)
    async with bench(tmp_path, after=at, online=False) as again:
        await reconnect(again.desk)
        assert again.wire.sent == []


@on_loop
async def test_a_link_that_is_made_anew_has_no_wait(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        at.cloud.cloud.set_fault(Fault("http_503", target="auth"))
        await check_link(at.desk, 1)
        at.cloud.cloud.clear_faults()
        await at.link("gerente")
        assert await kept(at) == {}


@pytest.mark.parametrize("reason", ["network.none", "network.timeout", "tls.untrusted"])
@on_loop
async def test_a_cause_of_our_own_is_not_kept(tmp_path: Path, reason: str) -> None:
    async with bench(tmp_path) as at:
        for _ in range(3):
            at.desk.hub.hear(ProbeFailed(at.clock.mono(), reason))
        assert await kept(at) == {}


@on_loop
async def test_what_could_not_be_saved_is_tried_again_and_said_once(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        at.disk.full = True
        at.cloud.cloud.set_fault(Fault("limited", target="api", value=600))
        await probe(at.desk)
        await at.settle()
        for _ in range(3):
            at.desk.hub.set_office(at.desk.hub.office)
            await at.settle()
        assert len(at.events("promise.not_saved")) == 1
        assert await kept(at) == {}
        at.disk.full = False
        at.desk.hub.set_office(at.desk.hub.office)
        assert sorted(await kept(at)) == ["api", "connection"]


@on_loop
async def test_a_crash_while_saving_does_not_end_the_saving(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        at.cloud.cloud.set_fault(Fault("limited", target="api", value=600))
        real = at.disk._store.set_retry

        async def crash(_retry: Retry) -> None:
            raise RuntimeError("a bug")

        at.disk._store.set_retry = crash  # type: ignore[method-assign] # for a while
        await probe(at.desk)
        await at.settle()
        at.disk._store.set_retry = real  # type: ignore[method-assign] # as before
        at.desk.hub.set_office(at.desk.hub.office)
        assert sorted(await kept(at)) == ["api", "connection"]
