"""Browsers that came in: told apart by a cookie, ended by idleness, bounded in number."""

from __future__ import annotations

from onvio_agent.chance import SystemEntropy
from onvio_agent.panel.visits import VISIT_IDLE_S, VISITS_MAX, Visits
from support.instants import HandClock


def test_each_visit_has_its_own_form_token_and_keeps_no_secret_in_sight() -> None:
    visits = Visits(HandClock(), SystemEntropy())
    one, other = visits.find(visits.begin()), visits.find(visits.begin())
    assert one is not None
    assert other is not None
    assert one.admits(one.form_token)
    assert not one.admits(other.form_token)
    assert one.form_token not in repr(one)


def test_a_visit_ends_when_it_is_idle_and_not_before() -> None:
    clock = HandClock()
    visits = Visits(clock, SystemEntropy())
    name = visits.begin()
    clock.advance(VISIT_IDLE_S - 1)
    assert visits.find(name) is not None
    clock.advance(VISIT_IDLE_S)
    assert visits.find(name) is None
    assert visits.find("") is None


def test_the_oldest_gives_way() -> None:
    visits = Visits(HandClock(), SystemEntropy())
    names = [visits.begin() for _ in range(VISITS_MAX + 1)]
    assert visits.find(names[0]) is None
    assert visits.find(names[1]) is not None
