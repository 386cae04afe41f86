"""Each link is checked when it is due, a few at a time, and never forgotten."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from onvio_agent.actions import people as people_actions
from onvio_agent.actions.check_link import check_link
from onvio_agent.actions.desk import AT_ONCE, Unsaved
from onvio_agent.actions.intent import pause, resume
from onvio_agent.actions.probe import probe
from onvio_agent.onvio.transport import Request
from onvio_agent.simulator.faults import Fault
from onvio_agent.verdict.facts import ProbeFailed
from support.aio import on_loop
from support.desks import GER, Bench, Hold, bench
from support.sim import office_seed

GREEN = ("green", None)
USERINFO = "/userinfo"


def due_in(at: Bench) -> float:
    """Seconds until the watcher wants to look again."""
    return at.timer.entries["links"][0] - at.clock.mono()


async def fire(at: Bench) -> None:
    """Let the watcher look, and its checks end."""
    fired = asyncio.create_task(at.timer.fire("links"))
    await at.settle()
    if fired.done():  # else its check waits for the test
        fired.result()


async def until_due(at: Bench) -> None:
    """Let time pass, with probes, until the watcher's instant has come."""
    while due_in(at) > 0:
        at.pass_time(min(60.0, due_in(at)))
        await probe(at.desk)


async def outage(at: Bench, reason: str, seconds: float) -> None:
    """The connection is lost for that long, for that reason, and comes back."""
    now = at.clock.mono()
    for _ in range(2):
        at.desk.hub.hear(ProbeFailed(now, reason))
    at.pass_time(seconds)
    await probe(at.desk)


@on_loop
async def test_after_a_start_every_link_is_checked_at_once(tmp_path: Path) -> None:
    async with bench(tmp_path) as first:
        await first.connect("gerente", "ana")
    async with bench(tmp_path, after=first) as at:
        at.agent.start()
        assert due_in(at) == 0.0
        await fire(at)
        assert at.icon("gerente") == at.icon("ana") == GREEN
        assert at.wire.sent.count(USERINFO) == 2  # bruno is not linked


@on_loop
async def test_the_next_check_is_an_interval_later_give_or_take_a_tenth(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        at.agent.start()
        assert 270.0 <= due_in(at) <= 330.0
        planned = at.timer.entries["links"][0]
        at.desk.hub.set_office(at.desk.hub.office)
        assert at.timer.entries["links"][0] == planned  # the jitter is not drawn at each look


@on_loop
async def test_a_trouble_moves_the_next_check_to_its_retry(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        at.agent.start()
        at.cloud.cloud.set_fault(Fault("http_503", target="auth"))
        await until_due(at)
        await fire(at)
        link = at.desk.hub.link(at.user("gerente").id)
        assert link is not None
        assert at.timer.entries["links"][0] == link.retry_at


@on_loop
async def test_nothing_is_checked_while_offline_or_paused(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        at.agent.start()
        await pause(at.desk, None)
        assert "links" not in at.timer.entries
        await resume(at.desk)
        assert "links" in at.timer.entries
        for _ in range(2):
            at.desk.hub.hear(ProbeFailed(at.clock.mono(), "network.dns"))
        assert "links" not in at.timer.entries


@on_loop
async def test_a_tick_that_was_on_its_way_when_the_connection_was_lost_checks_nothing(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        at.agent.start()
        _due, tick = at.timer.entries["links"]
        at.pass_time(330)
        assert "links" not in at.timer.entries  # the connection has expired
        sent = len(at.wire.sent)
        await tick()
        await at.settle()
        assert len(at.wire.sent) == sent


@pytest.mark.parametrize(
    ("reason", "spread_s"), [("onvio.unavailable", 30.0), ("network.none", 0.0)]
)
@on_loop
async def test_a_return_is_put_off_only_after_onvios_own_outage_and_for_all_together(
    tmp_path: Path, reason: str, spread_s: float
) -> None:
    """Also for those whose last success still holds but whose check is overdue."""
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana", "bruno")
        at.agent.start()
        dues: list[float] = []
        for _ in range(3):
            await outage(at, reason, 600.0)
            of_each = dues_in(at)
            assert of_each == [of_each[0]] * 3
            dues += of_each[:1]
            at.pass_time(of_each[0])
            await fire(at)
        assert all(0.0 <= due <= spread_s for due in dues)
        assert (len(dict.fromkeys(dues)) > 1) == (spread_s > 0)


@on_loop
async def test_after_onvios_outage_the_office_turns_green_once_and_nobody_greys_again(
    tmp_path: Path,
) -> None:
    """Of three links one has ended meanwhile, and one would end before the return."""
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana", "bruno")
        at.agent.start()
        for login, seconds in (("gerente", 5.0), ("bruno", 200.0)):
            at.pass_time(seconds)
            await check_link(at.desk, at.user(login).id)
        await outage(at, "onvio.unavailable", 697.0)
        assert [at.icon(each)[0] for each in ("ana", "gerente", "bruno")] == [
            "grey",
            "green",
            "green",
        ]
        seen = [office_icon(at)]
        while min(dues_in(at)) < 60.0:
            at.pass_time(max(0.0, due_in(at)))
            seen.append(office_icon(at))
            await fire(at)
            seen.append(office_icon(at))
            assert [at.icon(each)[0] for each in ("gerente", "bruno")] == ["green"] * 2
        assert [*dict.fromkeys(seen)] == ["grey", "green"]
        assert seen == sorted(seen, reverse=True)


def dues_in(at: Bench) -> list[float]:
    """Seconds until each link is due."""
    return [plan.due - at.clock.mono() for plan in links_watch(at)._plans.values()]


def office_icon(at: Bench) -> str:
    return str(at.desk.hub.snapshot().icon.state)


def links_watch(at: Bench):  # type: ignore[no-untyped-def] # the agent's own
    """The agent's watcher of links."""
    return next(w for w in at.agent._watchers if type(w).__name__ == "LinksWatch")


@on_loop
async def test_a_wait_that_onvio_named_outlives_a_return_of_the_connection(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        at.agent.start()
        at.cloud.cloud.set_fault(Fault("limited", target="auth", value=400))
        await check_link(at.desk, at.user("gerente").id)
        at.cloud.cloud.clear_faults()
        await outage(at, "network.none", 100.0)
        assert due_in(at) == pytest.approx(300.0)


@on_loop
async def test_who_is_held_by_the_gerente_is_not_checked_and_at_once_when_he_is_back(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        at.agent.start()
        at.cloud.cloud.revoke("gerente@escritorio.example")
        await check_link(at.desk, at.user("gerente").id)
        assert at.icon("ana") == ("grey", "manager.waiting")
        assert "links" not in at.timer.entries
        at.pass_time(1000)
        await probe(at.desk)
        assert "links" not in at.timer.entries
        await at.link("gerente")
        assert due_in(at) <= 0.0
        await fire(at)
        assert at.icon("ana") == GREEN


@on_loop
async def test_no_more_than_a_few_are_checked_at_the_same_time(tmp_path: Path) -> None:
    people = [f"u{number}" for number in range(12)]
    accounts = office_seed()["accounts"]
    accounts += [
        {
            "email": f"{name}@escritorio.example",
            "password": f"senha-onvio-{name}",
            "name": name,
            "role": "staff",
        }
        for name in people
    ]
    async with bench(tmp_path, accounts=accounts) as first:
        await first.connect("gerente")
        for name in people:
            await add_and_connect(first, name)
    async with bench(tmp_path, after=first) as at:
        waiting: list[str] = []
        hold = Hold(USERINFO)

        async def count(request: Request) -> None:
            if request.path == USERINFO:
                waiting.append(request.path)
            await hold(request)

        at.wire.before = count
        at.agent.start()
        await fire(at)
        assert len(waiting) == AT_ONCE
        hold.release()
        await at.settle()
        assert len(waiting) == len(people) + 1
        assert all(at.icon(name) == GREEN for name in ("gerente", *people))


async def add_and_connect(at: Bench, name: str) -> None:
    await people_actions.add_user(at.desk, GER, name, name)
    email = f"{name}@escritorio.example"
    await at.link(name, email)
    await at.portal(name, email)


@on_loop
async def test_a_check_that_learns_nothing_comes_again_soon(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        user_id = at.user("gerente").id
        at.agent.start()
        await until_due(at)
        # A successor of an earlier link, which could not be saved, is found first.
        tokens = msgspec.structs.replace(at.desk.cached[user_id].tokens, refresh_token="orphan")
        at.desk.unsaved[user_id] = Unsaved(0, 1, tokens)
        sent = at.wire.sent.count(USERINFO)
        await fire(at)
        assert at.wire.sent.count(USERINFO) == sent
        assert due_in(at) == pytest.approx(at.desk.limits.retry_first_s)
        at.pass_time(1.0)
        await fire(at)
        assert at.wire.sent.count(USERINFO) == sent + 1


@on_loop
async def test_a_crash_in_a_check_is_a_trouble_and_the_next_check_follows(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        at.agent.start()

        async def crash(request: Request) -> None:
            raise RuntimeError("a bug")

        await until_due(at)
        at.wire.before = crash
        await fire(at)
        link = at.desk.hub.link(at.user("gerente").id)
        assert link is not None
        assert link.trouble == "internal.error"
        assert 0.0 < due_in(at) <= 30.0
        assert [each["task"] for each in at.events("task.crashed")] == ["check_link:1"]
        at.wire.before = None
        at.pass_time(due_in(at))
        await fire(at)
        assert at.desk.hub.link(at.user("gerente").id).trouble is None  # type: ignore[union-attr] # there


@on_loop
async def test_many_returns_leave_no_trace(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        at.agent.start()
        at.cloud.cloud.set_fault(Fault("limited", target="auth", value=3600))
        for login in ("gerente", "ana"):
            await check_link(at.desk, at.user(login).id)
        for _ in range(200):
            await outage(at, "network.none", 5.0)
        watch = links_watch(at)
        assert len(watch._queue) < 20
        assert len(watch._plans) == 2
        assert watch._in_flight == {}
