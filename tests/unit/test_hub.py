"""The hub: facts of the right link count, every listener hears, changes are noticed once."""

from __future__ import annotations

import asyncio
import random

import pytest

from onvio_agent.contract.status import Intent, IntentState
from onvio_agent.hub import Hub
from onvio_agent.log import wrap_log
from onvio_agent.office.model import Office
from onvio_agent.verdict.facts import (
    Limits,
    LinkSucceeded,
    LinkTroubled,
    ProbeFailed,
    ProbeSucceeded,
)
from onvio_agent.world import Process, Publication
from support.aio import on_loop
from support.desks import Lines
from support.instants import HandClock
from support.offices import office, user

GER = user(1, "ger", manager=True)
ANA = user(2, "ana", generation=3)


class Rig:
    """A hub of its own, and what it published."""

    def __init__(self, *users: object, own: str = "") -> None:
        self.clock = HandClock()
        self.lines = Lines()
        log = wrap_log(self.lines, "debug", clock=self.clock)
        process = Process(version="0", pid=1, boot_id="b", started_at=self.clock.wall())
        self.hub = Hub(process, self.clock, Limits(), random.Random(1), own, log)
        self.heard: list[Publication] = []
        self.hub.listen(self.heard.append)
        self.hub.load(office(*(users or (GER, ANA))), self.hub.intent)  # type: ignore[arg-type] # users

    def online(self) -> None:
        self.hub.hear(ProbeSucceeded(self.clock.mono()))

    def proven(self, *numbers: int) -> None:
        """Successful checks of these users' links, as of now."""
        for number in numbers:
            found = self.hub.user(number)
            assert found is not None
            self.hub.hear(LinkSucceeded(number, found.link.generation, self.clock.mono()))

    def icon(self, login: str | None = None) -> tuple[str, str | None]:
        """The icon of a user, or the top one."""
        snapshot = self.hub.snapshot()
        shown = snapshot.icon
        if login is not None:
            shown = next(each.icon for each in snapshot.users if each.login == login)
        return str(shown.state), shown.reason

    def changes(self) -> list[tuple[str, str | None, str, str]]:
        """All that was published as a change since the last call."""
        seen = [
            (change.kind, change.login, change.before, change.after)
            for publication in self.heard
            for change in publication.changes
        ]
        self.heard.clear()
        return seen


def test_nothing_is_green_before_a_check_of_the_connection_and_of_the_link() -> None:
    rig = Rig()
    assert rig.icon("ana") == ("grey", "agent.starting")
    rig.online()
    assert rig.icon("ana") == ("grey", "link.checking")
    rig.proven(1, 2)
    assert rig.icon("ana") == rig.icon() == ("green", None)


def test_a_fact_of_another_generation_or_of_nobody_changes_nothing() -> None:
    rig = Rig()
    rig.online()
    now = rig.clock.mono()
    before = rig.hub.world
    rig.hub.hear(LinkSucceeded(2, 2, now))
    rig.hub.hear(LinkSucceeded(2, 4, now))
    rig.hub.hear(LinkTroubled(99, 1, now, "network.timeout"))
    assert rig.hub.world == before
    assert rig.icon("ana") == ("grey", "link.checking")


def test_a_new_generation_starts_anew() -> None:
    rig = Rig()
    rig.online()
    rig.proven(1, 2)
    rig.hub.set_office(office(GER, user(2, "ana", generation=4)))
    assert rig.icon("ana") == ("grey", "link.checking")
    rig.hub.hear(LinkSucceeded(2, 3, rig.clock.mono()))  # asked for before the new link
    assert rig.icon("ana") == ("grey", "link.checking")


def test_a_verdict_expires_by_time_alone_and_says_so_once() -> None:
    rig = Rig()
    rig.online()
    rig.proven(1, 2)
    rig.changes()
    rig.clock.advance(90.0)
    rig.hub.tick()
    assert ("connection", None, "online", "offline") in rig.changes()
    rig.hub.tick()
    assert rig.changes() == []
    assert rig.icon() == ("grey", "agent.stale")


def test_an_expired_connection_is_not_green_even_before_the_tick() -> None:
    rig = Rig()
    rig.online()
    rig.proven(1, 2)
    rig.clock.advance(90.0)
    top, by_user = rig.hub.icons(rig.clock.mono())
    assert str(top.state) == str(by_user[2].state) == "grey"
    assert not rig.hub.is_connected()


def test_the_next_expiry_is_the_nearest_that_still_holds() -> None:
    rig = Rig()
    assert rig.hub.tick() is None
    start = rig.clock.mono()
    rig.online()
    rig.proven(1)
    assert rig.hub.tick() == start + 90.0
    rig.clock.advance(90.0)
    assert rig.hub.tick() == start + 900.0


def test_a_listener_that_fails_keeps_nobody_from_hearing() -> None:
    rig = Rig()
    heard: list[str] = []

    def fails(_publication: Publication) -> None:
        raise RuntimeError("boom")

    rig.hub.listen(fails)
    rig.hub.listen(lambda _publication: heard.append("last"))
    rig.online()
    assert heard == ["last"]
    assert any("listener.crashed" in line and "boom" in line for line in rig.lines.lines)


def test_a_change_is_noticed_once_with_how_long_the_former_state_lasted() -> None:
    rig = Rig()
    rig.changes()
    rig.clock.advance(7.0)
    rig.online()
    change = rig.heard[0].changes[0]
    assert (change.kind, change.before, change.after) == ("connection", "starting", "online")
    assert change.duration_s == 7.0
    rig.changes()
    rig.online()
    assert rig.changes() == []


def test_each_publication_has_a_number_of_its_own_and_quiet_looks_have_none() -> None:
    rig = Rig()
    first = rig.hub.snapshot().agent.revision
    assert rig.hub.snapshot().agent.revision == first
    rig.online()
    assert rig.hub.snapshot().agent.revision == first + 1


def test_of_a_user_who_was_erased_nothing_is_left_that_could_move() -> None:
    rig = Rig()
    rig.online()
    rig.proven(1, 2)
    rig.hub.set_office(office(GER))
    first = rig.hub.snapshot().agent.revision
    assert rig.hub.snapshot().agent.revision == first
    rig.changes()
    rig.hub.set_office(office(GER, ANA))  # somebody else of that name
    assert ("link", "ana", "none", "waiting") in rig.changes()


def test_the_gerentes_end_shows_on_everybody_and_his_return_too() -> None:
    rig = Rig()
    rig.online()
    rig.proven(1, 2)
    ended = user(1, "ger", manager=True, ended="link.session_ended")
    rig.changes()
    rig.hub.set_office(office(ended, ANA))
    assert ("link", "ana", "valid", "waiting") in rig.changes()
    assert rig.icon("ana") == ("grey", "manager.waiting")
    assert rig.icon() == ("play", "link.session_ended")
    rig.hub.set_office(office(GER, ANA))
    assert rig.icon("ana") == ("green", None)  # its own proof still holds


def test_the_top_icon_is_that_of_the_workstations_user() -> None:
    rig = Rig(GER, ANA, own="ANA")
    rig.online()
    rig.proven(2)
    assert rig.icon() == ("green", None)
    rig.hub.hear(LinkTroubled(2, 3, rig.clock.mono(), "network.timeout"))
    rig.clock.advance(60.0)
    rig.online()
    assert rig.icon() == ("green", None)  # a trouble only lets the last success grow old


def test_an_office_without_a_gerente_says_so_once_online() -> None:
    rig = Rig(user(2, "ana", linked=False))
    assert rig.icon() == ("grey", "agent.starting")
    rig.online()
    assert rig.icon() == ("grey", "manager.missing")


def test_an_alert_stands_above_all() -> None:
    rig = Rig()
    rig.hub.load(office(GER, ANA), rig.hub.intent, "store.corrupt")
    rig.online()
    rig.proven(1, 2)
    assert rig.icon() == ("grey", "store.corrupt")


def test_while_paused_it_is_not_connected_and_nobody_is_green() -> None:
    rig = Rig()
    rig.online()
    rig.proven(1, 2)
    rig.hub.set_intent(Intent(state=IntentState.PAUSED))
    assert not rig.hub.is_connected()
    assert rig.icon() == rig.icon("ana") == ("play", "paused")


def test_a_wait_from_before_a_restart_is_shown_with_its_reason() -> None:
    rig = Rig()
    rig.hub.restore("connection", 4, "onvio.limited", rig.clock.mono() + 200.0)
    connection = rig.hub.snapshot().connection
    assert (str(connection.state), connection.reason) == ("waiting", "onvio.limited")
    rig.online()
    assert rig.hub.world.connection.came_from == "onvio.limited"


def test_a_wait_that_is_over_is_a_start_like_any_other_but_failures_go_on_counting() -> None:
    rig = Rig()
    rig.hub.restore("connection", 4, "onvio.unavailable", rig.clock.mono())
    assert rig.icon() == ("grey", "agent.starting")
    rig.hub.hear(ProbeFailed(rig.clock.mono(), "onvio.unavailable"))
    assert rig.hub.world.connection.failures == 5


def test_a_links_wait_from_before_a_restart_is_taken_up_and_strange_keys_are_not() -> None:
    rig = Rig()
    retry_at = rig.clock.mono() + 50.0
    for key in ("link:2", "link:99", "link:x", "link:", "later"):
        rig.hub.restore(key, 3, "onvio.unavailable", retry_at)
    link = rig.hub.link(2)
    assert link is not None
    assert (link.failures, link.retry_at, link.reason) == (3, retry_at, "onvio.unavailable")
    assert rig.hub.link(1) is not None
    assert rig.hub.link(1).failures == 0  # type: ignore[union-attr] # just seen


def test_a_fact_of_one_user_touches_that_user_alone() -> None:
    rig = Rig()
    rig.online()
    rig.heard.clear()
    rig.proven(2)
    assert [[each.login for each in publication.users] for publication in rig.heard] == [["ana"]]


@pytest.mark.parametrize("size", [3, 300])
def test_every_icon_follows_the_connection_in_an_office_of_any_size(size: int) -> None:
    others = [user(number, f"u{number}") for number in range(2, size + 1)]
    rig = Rig(GER, *others)
    rig.online()
    rig.proven(*range(1, size + 1))
    assert {each.icon.state for each in rig.hub.snapshot().users} == {"green"}
    now = rig.clock.mono()
    for _ in range(2):
        rig.hub.hear(ProbeFailed(now, "network.dns"))
    assert {each.icon.reason for each in rig.hub.snapshot().users} == {"network.dns"}


def test_an_empty_office_has_no_users_and_no_error() -> None:
    rig = Rig()
    rig.hub.set_office(Office())
    rig.hub.tick()
    assert rig.hub.snapshot().users == ()


@on_loop
async def test_a_slow_reader_gets_the_newest_and_never_waits_for_what_it_missed() -> None:
    rig = Rig()
    revisions = rig.hub.changes()
    first = await anext(revisions)
    for _ in range(3):
        rig.online()
    assert await anext(revisions) == first + 3
    waiting = asyncio.ensure_future(anext(revisions))
    await asyncio.sleep(0)
    assert not waiting.done()
    rig.online()
    assert await waiting == first + 4
