"""The verdict on this workstation's connection: f(previous, fact, now)."""

from __future__ import annotations

from datetime import datetime

import msgspec

from onvio_agent.clock import Now
from onvio_agent.contract.status import ConnectionState
from onvio_agent.verdict import backoff
from onvio_agent.verdict.facts import (
    ConnectionFact,
    Limits,
    ProbeFailed,
    ProbeStarted,
    ProbeSucceeded,
)

_STALE = "agent.stale"


class ConnectionVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """`heard_at`, `valid_until`, `retry_at` are instants on the clock that cannot be set.

    `heard_at`: when the newest fact was asked for; older ones that arrive late are dropped.
    `failures`: failed probes in a row; `trouble`: why the newest failed, None after a success;
    `came_from`: the reason that the last return ended.
    """

    state: ConnectionState = ConnectionState.STARTING
    reason: str | None = "agent.starting"
    since: datetime | None = None
    checked_at: datetime | None = None
    heard_at: float = float("-inf")
    valid_until: float | None = None
    retry_at: float | None = None
    latency_ms: float | None = None
    failures: int = 0
    trouble: str | None = None
    came_from: str | None = None

    def is_online(self, mono: float) -> bool:
        """Whether the connection counts as online at that instant."""
        return (
            self.state is ConnectionState.ONLINE
            and self.valid_until is not None
            and mono < self.valid_until
        )


def decide(
    previous: ConnectionVerdict, fact: ConnectionFact | None, now: Now, limits: Limits, draw: float
) -> ConnectionVerdict:
    """The verdict after `fact` (None: only time has passed). `draw` in [0, 1) is for the jitter."""
    match fact:
        case None:
            return _expire(previous, now)
        case ProbeStarted():
            return _start(previous, now)
        case ProbeSucceeded() | ProbeFailed() if fact.sent_at < previous.heard_at:
            return previous
        case ProbeSucceeded():
            return _succeed(previous, fact, now, limits)
        case ProbeFailed():
            return _expire(_fail(previous, fact, now, limits, draw), now)


def _expire(previous: ConnectionVerdict, now: Now) -> ConnectionVerdict:
    if previous.state is not ConnectionState.ONLINE or previous.is_online(now.mono):
        return previous
    waits = previous.retry_at is not None and previous.retry_at > now.mono
    return msgspec.structs.replace(
        previous,
        state=ConnectionState.WAITING if waits else ConnectionState.OFFLINE,
        reason=previous.trouble or _STALE,
        since=now.wall,
    )


def _start(previous: ConnectionVerdict, now: Now) -> ConnectionVerdict:
    if previous.state in (ConnectionState.ONLINE, ConnectionState.CHECKING):
        return previous
    return msgspec.structs.replace(previous, state=ConnectionState.CHECKING, since=now.wall)


def _succeed(
    previous: ConnectionVerdict, fact: ProbeSucceeded, now: Now, limits: Limits
) -> ConnectionVerdict:
    online = previous.state is ConnectionState.ONLINE
    return _expire(
        msgspec.structs.replace(
            previous,
            state=ConnectionState.ONLINE,
            reason=None,
            since=previous.since if online else now.wall,
            checked_at=now.wall_at(fact.sent_at),
            heard_at=fact.sent_at,
            valid_until=fact.sent_at + limits.connection_valid_s,
            retry_at=None,
            latency_ms=previous.latency_ms if fact.latency_ms is None else fact.latency_ms,
            failures=0,
            trouble=None,
            came_from=previous.came_from if online else previous.trouble or previous.reason,
        ),
        now,
    )


def _fail(
    previous: ConnectionVerdict, fact: ProbeFailed, now: Now, limits: Limits, draw: float
) -> ConnectionVerdict:
    failures = previous.failures + 1
    online = previous.state is ConnectionState.ONLINE
    retry_at = _retry_at(failures, fact, now, limits, draw)
    if online and failures < limits.failures_before_offline and not fact.certain:
        at_once = now.mono if fact.retry_after_s is None else retry_at
        return msgspec.structs.replace(
            previous,
            failures=failures,
            trouble=fact.reason,
            heard_at=fact.sent_at,
            retry_at=at_once,
        )
    told_to_wait = fact.retry_after_s is not None
    state = ConnectionState.WAITING if told_to_wait else ConnectionState.OFFLINE
    same = (previous.state, previous.reason) == (state, fact.reason)
    return msgspec.structs.replace(
        previous,
        state=state,
        reason=fact.reason,
        since=previous.since if same else now.wall,
        checked_at=now.wall_at(fact.sent_at),
        heard_at=fact.sent_at,
        valid_until=None,
        retry_at=retry_at,
        latency_ms=None,
        failures=failures,
        trouble=fact.reason,
    )


def _retry_at(failures: int, fact: ProbeFailed, now: Now, limits: Limits, draw: float) -> float:
    wait_s = backoff.delay_s(failures, draw, first_s=limits.retry_first_s, max_s=limits.retry_max_s)
    return now.mono + max(wait_s, fact.retry_after_s or 0.0)
