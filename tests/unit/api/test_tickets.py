"""One-time links: good once, for half a minute, and never known from memory."""

from __future__ import annotations

from onvio_agent.api.tickets import OPEN_MAX, TICKET_S, Tickets
from onvio_agent.chance import SystemEntropy
from support.instants import HandClock


def issued(tickets: Tickets) -> str:
    return tickets.issue().partition("ticket=")[2]


def test_a_ticket_is_good_once() -> None:
    tickets = Tickets(HandClock(), SystemEntropy())
    ticket, other = issued(tickets), issued(tickets)
    assert tickets.take(ticket)
    assert not tickets.take(ticket)
    assert tickets.take(other)
    assert not tickets.take("")


def test_a_ticket_ends_by_itself() -> None:
    clock = HandClock()
    tickets = Tickets(clock, SystemEntropy())
    ticket, late = issued(tickets), issued(tickets)
    clock.advance(TICKET_S - 0.1)
    assert tickets.take(ticket)
    clock.advance(0.1)
    assert not tickets.take(late)


def test_only_the_newest_are_kept() -> None:
    tickets = Tickets(HandClock(), SystemEntropy())
    made = [issued(tickets) for _ in range(OPEN_MAX + 5)]
    assert [tickets.take(ticket) for ticket in made] == [False] * 5 + [True] * OPEN_MAX
    assert not [ticket for ticket in made if ticket in repr(vars(tickets))]
