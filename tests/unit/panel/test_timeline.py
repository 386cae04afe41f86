"""Strips and outages say what the history says, and nothing that it does not know."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from onvio_agent.panel.timeline import CELLS, PERIODS, Kind, Span, outages, spans, strip
from onvio_agent.store.base import Transition

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
DAY = PERIODS["24h"]


def ago(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


def change(
    hours: float, before: str, after: str, reason: str | None = None, lasted_h: float | None = None
) -> Transition:
    return Transition(
        at=ago(hours),
        subject="connection",
        before=before,
        after=after,
        reason=reason,
        duration_s=None if lasted_h is None else lasted_h * 3600,
    )


def kinds(found: tuple[Span, ...]) -> list[tuple[float, float, str]]:
    return [
        ((NOW - s.start) / timedelta(hours=1), (NOW - s.end) / timedelta(hours=1), str(s.kind))
        for s in found
    ]


def test_a_state_lasts_until_the_next_and_the_last_until_now() -> None:
    found = spans(
        [change(6, "none", "online"), change(4, "online", "offline", "network.dns")], [], NOW
    )
    assert kinds(found) == [(6, 4, "ok"), (4, 0, "off")]


def test_what_was_before_the_oldest_record_is_told_by_it() -> None:
    found = spans([change(4, "online", "offline", "network.dns", lasted_h=10)], [], NOW)
    assert kinds(found) == [(14, 4, "ok"), (4, 0, "off")]


def test_the_time_between_an_end_and_the_next_start_is_not_known() -> None:
    changes = [change(10, "none", "online"), change(2, "none", "online")]
    assert kinds(spans(changes, [ago(5)], NOW)) == [(10, 5, "ok"), (2, 0, "ok")]
    assert kinds(spans(changes, [], NOW)) == [(2, 0, "ok")]


def test_a_strip_shows_the_worst_of_each_cell_and_the_share_of_the_known_time() -> None:
    found = spans(
        [
            change(12, "none", "online"),
            change(6, "online", "offline", "x"),
            change(5.99, "offline", "online"),
        ],
        [],
        NOW,
    )
    made = strip(found, DAY, NOW)
    assert made.runs == ((48, 24, Kind.OK), (72, 1, Kind.OFF), (73, 23, Kind.OK))
    assert made.breaks == 1
    assert made.share is not None
    assert 0.999 < made.share < 1


def test_nothing_known_is_shown_as_such() -> None:
    assert strip((), DAY, NOW) == ((), None, 0)


def test_time_without_a_link_counts_neither_as_good_nor_as_bad() -> None:
    changes = [change(8, "none", "not_linked"), change(4, "not_linked", "valid")]
    assert strip(spans(changes, [], NOW), DAY, NOW).share == 1
    assert strip(spans(changes[:1], [], NOW), DAY, NOW).share is None


def test_an_outage_that_changes_its_reason_is_one() -> None:
    found = spans(
        [
            change(9, "none", "online"),
            change(8, "online", "offline", "network.dns"),
            change(7, "offline", "waiting", "onvio.unavailable"),
            change(6, "waiting", "online"),
            change(1, "online", "offline", "network.none"),
        ],
        [],
        NOW,
    )
    told = outages(found)
    assert [(o.reason, (o.end - o.start) / timedelta(hours=1)) for o in told] == [
        ("network.none", 1),
        ("network.dns", 2),
    ]


STATES = st.sampled_from(["online", "offline", "waiting", "checking", "valid", "not_linked"])


@given(
    st.lists(st.tuples(st.floats(0, 900), st.sampled_from(["none", "online"]), STATES), max_size=30)
)
def test_runs_never_overlap_and_shares_are_shares(rows: list[tuple[float, str, str]]) -> None:
    changes = [change(*row) for row in sorted(rows, key=lambda row: -row[0])]
    found = spans(changes, [], NOW)
    for period in PERIODS.values():
        made = strip(found, period, NOW)
        assert made.share is None or 0 <= made.share <= 1
        end = 0
        for first, count, _kind in made.runs:
            assert first >= end
            end = first + count
        assert end <= CELLS
