"""What the log says of a span of time: outages by cause, users by downtime, how often it started. Pure.

Read from the changes of states that the agent wrote. While no agent ran nothing is known, and nothing is
counted: a process that was killed has left its last state at its last entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from onvio_agent.contract.status import ConnectionState, IntentState, LinkState

_CONNECTION_DOWN = (ConnectionState.OFFLINE, ConnectionState.WAITING)
_LINK_DOWN = (LinkState.WAITING, LinkState.NEEDS_PERSON)


class Downtime(msgspec.Struct, frozen=True, kw_only=True):
    """`times`: how many periods, `seconds`: of all together. `user`: None for the connection."""

    user: str | None
    reason: str | None
    times: int
    seconds: float


class LogSummary(msgspec.Struct, frozen=True, kw_only=True):
    """`since`, `until`: the span. `outages`: the connection's, `users`: of their links by cause; the
    longest first. `troubles`: entries of level `error` by event."""

    since: datetime
    until: datetime
    entries: int
    starts: int
    outages: tuple[Downtime, ...]
    users: tuple[Downtime, ...]
    troubles: Mapping[str, int]


class _Clock:
    """Adds up what lies between `since` and `until`, and in no pause."""

    def __init__(self, since: datetime, until: datetime) -> None:
        self._since, self._until = since, until
        self._sums: dict[tuple[str | None, str | None], tuple[int, float]] = {}
        self._down: dict[str | None, str | None] = {}
        self._began: dict[str | None, datetime] = {}
        self._is_paused = False

    def change(self, user: str | None, at: datetime, reason: str | None, *, is_down: bool) -> None:
        """From now on it is so."""
        self._close(user, at)
        self._down.pop(user, None)
        if is_down:
            self._down[user] = reason
            self._open(user, at)

    def pause(self, at: datetime, *, is_paused: bool) -> None:
        """Nobody is missed while somebody wants silence."""
        self._is_paused = is_paused
        for user in self._down:
            self._close(user, at)
            self._open(user, at)

    def end(self, at: datetime) -> None:
        """Nothing is known from here on."""
        for user in self._down:
            self._close(user, at)
        self._down.clear()

    def _open(self, user: str | None, at: datetime) -> None:
        if not self._is_paused:
            self._began[user] = at

    def _close(self, user: str | None, at: datetime) -> None:
        began = max(self._began.pop(user, at), self._since)
        span_s = (min(at, self._until) - began).total_seconds()
        if span_s > 0:
            key = (user, self._down[user])
            times, seconds = self._sums.get(key, (0, 0.0))
            self._sums[key] = (times + 1, seconds + span_s)

    def found(self, *, of_users: bool) -> tuple[Downtime, ...]:
        """The longest first."""
        rows = [
            Downtime(user=user, reason=reason, times=times, seconds=round(seconds, 1))
            for (user, reason), (times, seconds) in self._sums.items()
            if (user is not None) == of_users
        ]
        return tuple(sorted(rows, key=lambda row: (-row.seconds, row.user or "", row.reason or "")))


def summarize(
    entries: Iterable[Mapping[str, Any]], since: datetime, until: datetime, *, runs: bool
) -> LogSummary:
    """`entries`: all there are, oldest first; those before `since` tell how it began. `runs`: whether
    an agent is running at `until`, so that what was last said still holds."""
    clock, count, starts, last = _Clock(since, until), 0, 0, since
    troubles: dict[str, int] = {}
    for entry in entries:
        at, event = _instant(entry.get("at")), str(entry.get("event"))
        if at is None or at > until:
            continue
        subject, _, what = event.partition(".")
        if (subject, what) == ("agent", "started"):
            clock.end(last)
            starts += at >= since
        elif (subject, what) == ("agent", "stopped"):
            clock.end(at)
        elif what == "changed":
            _take_in(clock, subject, entry, at)
        last = at
        if at >= since:
            count += 1
            if entry.get("level") == "error":
                troubles[event] = troubles.get(event, 0) + 1
    clock.end(until if runs else last)
    return LogSummary(
        since=since,
        until=until,
        entries=count,
        starts=starts,
        outages=clock.found(of_users=False),
        users=clock.found(of_users=True),
        troubles=dict(sorted(troubles.items(), key=lambda item: (-item[1], item[0]))),
    )


def _take_in(clock: _Clock, subject: str, entry: Mapping[str, Any], at: datetime) -> None:
    after, user, reason = entry.get("after"), entry.get("user"), entry.get("reason")
    cause = reason if isinstance(reason, str) else None
    if subject == "intent":
        clock.pause(at, is_paused=after == IntentState.PAUSED)
    elif subject == "connection":
        clock.change(None, at, cause, is_down=after in _CONNECTION_DOWN)
    elif subject == "link" and isinstance(user, str):
        clock.change(user, at, cause, is_down=after in _LINK_DOWN)


def _instant(at: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(at))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
