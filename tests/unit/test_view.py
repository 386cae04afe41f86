"""What faces are shown: a verdict that still holds has time left, one that is over has none."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import msgspec
import pytest

from onvio_agent.clock import Now
from onvio_agent.contract.reasons import CATALOGUE
from onvio_agent.contract.status import IconState, Role, Snapshot
from onvio_agent.hub import Hub
from onvio_agent.log import wrap_log
from onvio_agent.office.model import Account, Link, Office, OnvioRole, User
from onvio_agent.verdict.facts import Limits, LinkSucceeded, ProbeSucceeded
from onvio_agent.verdict.icon import GREEN, of_reason
from onvio_agent.view import icon_status
from onvio_agent.world import Process
from support.desks import Lines
from support.instants import at

LIMITS = Limits(connection_valid_s=90.0, link_valid_s=90.0)


class Steps:
    """A clock that moves on by `step_s` each time it is asked."""

    def __init__(self, mono: float, step_s: float) -> None:
        self.at = mono
        self.step_s = step_s

    def now(self) -> Now:
        self.at += self.step_s
        return at(self.at)

    def mono(self) -> float:
        return self.now().mono

    def wall(self) -> object:
        return self.now().wall


def connected(clock: Steps) -> Hub:
    account = Account(
        issuer="i", sub="s", email="a@b.example", name="A", role=OnvioRole.ADMINISTRATOR
    )
    link = Link(generation=1, account=account, confirmed=True)
    user = User(id=1, login="a", name="A", role=Role.MANAGER, uses_onvio=True, link=link)
    user = msgspec.structs.replace(user, uses_client_portal=True)
    process = Process(version="1", pid=1, boot_id="b", started_at=at(0.0).wall)
    log = wrap_log(Lines(), clock=clock)  # type: ignore[arg-type] # its three methods
    hub = Hub(process, clock, LIMITS, random.Random(1), "", log)  # type: ignore[arg-type]
    hub.load(Office((user,)), hub.intent)
    hub.hear(ProbeSucceeded(clock.at, 1.0))
    hub.hear(LinkSucceeded(1, 1, clock.at))
    return hub


def consistent(snapshot: Snapshot) -> None:
    green = snapshot.users[0].icon.state is IconState.GREEN
    ttls = [snapshot.connection.ttl_s, snapshot.users[0].link.ttl_s]
    assert green == all(ttl is not None and ttl > 0 for ttl in ttls), snapshot
    assert green == (snapshot.connection.state == "online"), snapshot


@pytest.mark.parametrize("left_s", [1.0, 0.0004, 0.0001, 0.0, -0.1])
def test_green_has_time_left_to_its_last_instant(left_s: float) -> None:
    clock = Steps(100.0, 0.0)
    hub = connected(clock)
    clock.at = 190.0 - left_s
    snapshot = hub.snapshot()
    assert (snapshot.users[0].icon.state is IconState.GREEN) == (left_s > 0)
    consistent(snapshot)


def test_a_snapshot_is_of_one_instant() -> None:
    clock = Steps(100.0, 0.0)
    hub = connected(clock)
    for left_s in (0.05, 0.04, 0.03, 0.02, 0.01, 0.0):
        clock.at, clock.step_s = 190.0 - left_s, 0.01
        consistent(hub.snapshot())


def test_who_is_held_waits_since_the_gerente_is_gone() -> None:
    clock = Steps(100.0, 0.0)
    hub = connected(clock)
    gerente = hub.office.users[0]
    account = Account(issuer="i", sub="t", email="b@b.example", name="B")
    plain = User(id=2, login="b", name="B", link=Link(generation=1, account=account))
    plain = msgspec.structs.replace(
        plain, link=msgspec.structs.replace(plain.link, confirmed=True), uses_onvio=True
    )
    hub.set_office(Office((gerente, plain)))
    clock.at = 150.0
    ended = msgspec.structs.replace(gerente.link, ended="link.session_ended")
    hub.set_office(Office((msgspec.structs.replace(gerente, link=ended), plain)))
    clock.at = 160.0
    shown = hub.snapshot().users[1].link
    assert (shown.state, shown.reason) == ("waiting", "manager.waiting")
    assert shown.since == at(150.0).wall


def test_times_are_shown_to_the_millisecond_and_none_is_invented() -> None:
    clock = Steps(100.0, 0.0)
    hub = connected(clock)
    clock.at = 100.0123456
    snapshot = hub.snapshot()
    valid_until = snapshot.connection.valid_until
    assert valid_until is not None
    assert valid_until.microsecond % 1000 == 0
    assert (snapshot.connection.retry_at, snapshot.users[0].link.retry_at) == (None, None)


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_every_reason_has_an_icon_a_sentence_and_a_next_step(code: str) -> None:
    status = icon_status(of_reason(code))
    assert status.state is not IconState.GREEN
    assert status.title
    assert status.next_step
    assert status.reason == code


def test_green_says_that_there_is_nothing_to_do() -> None:
    status = icon_status(GREEN)
    assert (status.state, status.reason, status.action) == (IconState.GREEN, None, "open_panel")
    assert status.title


def grey_office(reason: str, *logins: str) -> Snapshot:
    """A connected office in which those have that reason, and everybody else is green."""
    clock = Steps(100.0, 0.0)
    hub = connected(clock)
    users = [
        msgspec.structs.replace(
            hub.office.users[0],
            id=at_,
            login=login,
            name=login.title(),
            role=Role.STANDARD,
            link=msgspec.structs.replace(hub.office.users[0].link, ended=reason),
        )
        for at_, login in enumerate(logins, start=2)
    ]
    hub.set_office(Office((*hub.office.users, *users)))
    return hub.snapshot()


def test_the_offices_sentence_names_whom_it_is_about_and_what_to_type() -> None:
    icon = grey_office("link.session_ended", "bruno").icon
    assert icon.title.startswith("Bruno: ")
    assert icon.next_step.endswith("onvio-agent link bruno")
    icon = grey_office("link.session_ended", "bruno", "carla", "davi").icon
    assert icon.title.startswith("Bruno (+2): ")


def test_a_users_own_sentence_needs_no_name_but_says_what_to_type() -> None:
    row = grey_office("link.session_ended", "bruno").users[1]
    assert row.icon.title == icon_status(of_reason("link.session_ended")).title
    assert row.icon.next_step.endswith("onvio-agent link bruno")


def test_a_wait_that_onvio_has_named_tells_its_end() -> None:
    until = datetime(2026, 11, 24, 12, 0, 5, tzinfo=UTC)
    held = icon_status(of_reason("onvio.limited"), held_until=until)
    assert until.astimezone().strftime("%H:%M:%S") in held.next_step
    assert icon_status(of_reason("network.none"), held_until=until) == icon_status(
        of_reason("network.none")
    )


def test_what_lies_with_nobody_names_nobody() -> None:
    status = icon_status(of_reason("network.none"))
    assert ":" not in status.title
    assert "{" not in icon_status(of_reason("link.none")).next_step
    assert "{" not in icon_status(of_reason("store.unwritable")).title
