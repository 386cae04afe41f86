"""What a week's log says: outages by cause, users by downtime."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from onvio_agent.log.summary import LogSummary, summarize
from support.scripted import START

END = START + timedelta(hours=10)


def entry(minute: float, event: str, **keys: Any) -> dict[str, Any]:
    at = START + timedelta(minutes=minute)
    return {"at": at.isoformat(), "level": "info", "event": event, **keys}


def connection(minute: float, after: str, reason: str | None = None) -> dict[str, Any]:
    return entry(minute, "connection.changed", after=after, reason=reason)


def link(minute: float, user: str, after: str, reason: str | None = None) -> dict[str, Any]:
    return entry(minute, "link.changed", user=user, after=after, reason=reason)


def told(*entries: dict[str, Any], since: datetime = START, runs: bool = True) -> LogSummary:
    return summarize(entries, since, END, runs=runs)


def downs(summary: LogSummary) -> list[tuple[str | None, str | None, int, float]]:
    rows = (*summary.outages, *summary.users)
    return [(row.user, row.reason, row.times, row.seconds / 60.0) for row in rows]


def test_outages_are_added_up_by_cause_the_longest_first() -> None:
    found = told(
        connection(0, "online"),
        connection(10, "offline", "network.dns"),
        connection(12, "online"),
        connection(20, "offline", "network.timeout"),
        connection(50, "waiting", "onvio.limited"),
        connection(55, "online"),
        connection(60, "offline", "network.dns"),
        connection(61, "online"),
    )
    assert downs(found) == [
        (None, "network.timeout", 1, 30.0),
        (None, "onvio.limited", 1, 5.0),
        (None, "network.dns", 2, 3.0),
    ]


def test_users_are_told_apart_and_only_those_who_should_be_connected_count() -> None:
    found = told(
        link(0, "ana", "valid"),
        link(5, "ana", "needs_person", "link.session_ended"),
        link(25, "ana", "valid"),
        link(30, "bruno", "waiting", "manager.waiting"),
        link(40, "bruno", "inactive", "user.inactive"),
        link(40, "carla", "not_linked", "link.none"),
    )
    assert downs(found) == [
        ("ana", "link.session_ended", 1, 20.0),
        ("bruno", "manager.waiting", 1, 10.0),
    ]


def test_what_began_before_the_span_counts_from_its_beginning_and_what_lasts_to_its_end() -> None:
    found = told(
        connection(0, "offline", "network.none"), since=START + timedelta(hours=9), runs=True
    )
    assert downs(found) == [(None, "network.none", 1, 60.0)]


def test_nothing_is_known_while_no_agent_runs() -> None:
    found = told(
        connection(0, "offline", "network.none"),
        entry(10, "agent.stopped"),
        entry(100, "agent.started"),
        connection(101, "offline", "network.none"),
        entry(105, "check.failed"),  # the last word of one that was killed
        entry(200, "agent.started"),
        connection(200, "online"),
        runs=False,
    )
    assert downs(found) == [(None, "network.none", 2, 14.0)]
    assert (found.entries, found.starts) == (7, 2)


def test_a_pause_is_no_downtime_and_what_outlasts_it_goes_on() -> None:
    found = told(
        link(0, "ana", "needs_person", "link.session_ended"),
        entry(10, "intent.changed", after="paused"),
        connection(11, "offline", "agent.stale"),
        entry(70, "intent.changed", after="run"),
        connection(71, "online"),
        link(75, "ana", "valid"),
    )
    assert downs(found) == [
        (None, "agent.stale", 1, 1.0),
        ("ana", "link.session_ended", 2, 15.0),
    ]


def test_errors_are_counted_by_event_and_nonsense_is_left_out() -> None:
    found = told(
        {**entry(1, "task.crashed"), "level": "error"},
        {**entry(2, "task.crashed"), "level": "error"},
        {"at": "soon", "event": "connection.changed", "after": "offline"},
        {"at": "2026-03-04T10:00:00", "event": "connection.changed", "after": "offline"},
        {"event": 7, "at": None},
        link(3, "ana", "waiting", "agent.stale") | {"user": 7, "reason": []},
    )
    assert found.troubles == {"task.crashed": 2}
    assert downs(found) == []


def test_a_clock_that_was_set_back_adds_nothing() -> None:
    found = told(connection(60, "offline", "network.dns"), connection(30, "online"))
    assert downs(found) == []
