"""The icon over the full product of states: green exactly under its five conditions."""

from __future__ import annotations

import itertools

import pytest

from onvio_agent.contract import reasons
from onvio_agent.contract.status import ConnectionState, IconState, IntentState, LinkState
from onvio_agent.verdict import icon
from onvio_agent.verdict.connection import ConnectionVerdict
from onvio_agent.verdict.link import LinkVerdict
from support.campaign import Tell

NOW = 1000.0
ENDS = {"future": NOW + 1, "past": NOW, "never": None}
CONNECTION_REASONS = [None, *[c for c in reasons.CATALOGUE if c.startswith(("network.", "tls."))]]
CONNECTION_REASONS += ["onvio.unavailable", "onvio.limited", "clock.skewed", "agent.stale"]
LINK_REASONS = [None, "link.checking", "agent.stale", "network.timeout", "vault.locked"]
LINK_REASONS += [c for c in reasons.CATALOGUE if c.startswith(("link.", "portal."))]
HOLDS = [None, "manager.waiting", "manager.missing"]


def connections() -> list[tuple[ConnectionVerdict, bool]]:
    product = itertools.product(ConnectionState, ENDS, CONNECTION_REASONS)
    return [
        (
            ConnectionVerdict(state=state, valid_until=ENDS[end], reason=reason),
            state is ConnectionState.ONLINE and end == "future",
        )
        for state, end, reason in product
    ]


def links() -> list[tuple[LinkVerdict, bool]]:
    product = itertools.product(LinkState, ENDS, LINK_REASONS)
    return [
        (
            LinkVerdict(generation=1, state=state, valid_until=ENDS[end], reason=reason),
            state is LinkState.VALID and end == "future",
        )
        for state, end, reason in product
    ]


def test_green_iff_all_five_conditions_hold_and_else_the_catalogues_icon(tell: Tell) -> None:
    count = 0
    for intent, (connection, online), (link, valid), hold in itertools.product(
        IntentState, connections(), links(), HOLDS
    ):
        shown = icon.of_user(intent, connection, link, hold, NOW)
        expected = intent is IntentState.RUN and online and valid and hold is None
        assert (shown.state is IconState.GREEN) == expected
        assert (shown.reason is None) == expected
        if shown.reason is not None:
            assert shown.state is reasons.get(shown.reason).icon
        count += 1
    tell("icon", states=count)
    assert count > 100_000


ONLINE = ConnectionVerdict(state=ConnectionState.ONLINE, valid_until=NOW + 1, reason=None)
OFFLINE = ConnectionVerdict(state=ConnectionState.OFFLINE, reason="network.dns")
ENDED = LinkVerdict(generation=1, state=LinkState.NEEDS_PERSON, reason="link.session_ended")


def test_reasons_are_taken_in_order() -> None:
    of_user = icon.of_user
    assert of_user(IntentState.PAUSED, OFFLINE, ENDED, "manager.waiting", NOW).reason == "paused"
    assert of_user(IntentState.RUN, OFFLINE, ENDED, "manager.waiting", NOW).reason == "network.dns"
    held = of_user(IntentState.RUN, ONLINE, ENDED, "manager.waiting", NOW)
    assert held.reason == "manager.waiting"
    assert of_user(IntentState.RUN, ONLINE, ENDED, None, NOW).reason == "link.session_ended"


def of_office(*codes: str | None) -> str | None:
    counted = [icon.GREEN if code is None else icon.of_reason(code) for code in codes]
    return icon.of_office(IntentState.RUN, ONLINE, counted, NOW).reason


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ((None, None), None),
        ((), "link.none"),
        (("link.session_ended", "manager.waiting", "manager.waiting"), "link.session_ended"),
        (("manager.not_admin", "manager.waiting"), "manager.not_admin"),
        ((None, "agent.stale", "link.session_ended"), "link.session_ended"),
        ((None, "network.timeout", "portal.unconfirmed"), "network.timeout"),
        ((None, "link.account_disabled", "link.session_ended"), "link.session_ended"),
        (("manager.waiting", None), "manager.waiting"),
    ],
)
def test_the_office_shows_what_is_left_after_hides_and_an_arrow_before_grey(
    codes: tuple[str | None, ...], expected: str | None
) -> None:
    assert of_office(*codes) == expected


def test_the_office_is_green_only_when_everybody_is() -> None:
    codes = [None, *reasons.CATALOGUE]
    for pair in itertools.product(codes, repeat=2):
        assert (of_office(*pair) is None) == (pair == (None, None))
