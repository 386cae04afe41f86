"""The verdict on one user's link: f(previous, standing, fact, now).

`standing` (from the office's rules) says what the link is by itself; facts say whether ONVIO has
lately confirmed it. Trouble on the way never ends a link, it only lets the last success grow old.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from onvio_agent.clock import Now
from onvio_agent.contract.status import LinkState
from onvio_agent.verdict import backoff
from onvio_agent.verdict.facts import Limits, LinkFact, LinkSucceeded, LinkTroubled

_STALE = "agent.stale"
_FIRST = "link.checking"  # until ONVIO has answered for this link
_REASONS = {
    LinkState.NOT_LINKED: "link.none",
    LinkState.UNCONFIRMED: "portal.unconfirmed",
    LinkState.INACTIVE: "user.inactive",
}


class LinkVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """`heard_at`, `valid_until`, `retry_at` are instants on the clock that cannot be set.

    `trouble`: why the newest check could not be finished, None after a success. `session_ends_at`: when
    the session ends for good, where that is known; from `warn_at` on a person should know it.
    """

    generation: int
    state: LinkState
    reason: str | None
    since: datetime | None = None
    checked_at: datetime | None = None
    heard_at: float = float("-inf")
    valid_until: float | None = None
    retry_at: float | None = None
    trouble: str | None = None
    failures: int = 0
    session_ends_at: float | None = None
    warn_at: float | None = None

    def is_valid(self, mono: float) -> bool:
        """Whether the link counts as confirmed by ONVIO at that instant."""
        return (
            self.state is LinkState.VALID
            and self.valid_until is not None
            and mono < self.valid_until
        )

    def instants(self) -> tuple[float | None, float | None]:
        """When it shows something else by the mere passing of time."""
        return self.valid_until, self.warn_at

    def ends_soon(self, mono: float) -> bool:
        """Whether the session will end before the working day does."""
        return self.warn_at is not None and mono >= self.warn_at


class Standing(msgspec.Struct, frozen=True):
    """A link by itself: its generation, `office.rules.standing`, and the reason that ended it."""

    generation: int
    state: LinkState
    ended: str | None = None


def decide(
    previous: LinkVerdict | None,
    standing: Standing,
    fact: LinkFact | None,
    now: Now,
    limits: Limits,
    draw: float,
) -> LinkVerdict:
    """The verdict after `fact` (None: time has passed, or the standing has changed).

    A fact of another generation, or one asked for before the newest heard, changes nothing.
    """
    current = _of_generation(previous, standing, now)
    if fact is None or fact.generation != standing.generation or fact.sent_at < current.heard_at:
        return _settle(current, standing, now)
    match fact:
        case LinkSucceeded():
            heard = _succeed(current, fact, now, limits)
        case LinkTroubled():
            heard = _trouble(current, fact, now, limits, draw)
    return _settle(heard, standing, now)


def _of_generation(previous: LinkVerdict | None, standing: Standing, now: Now) -> LinkVerdict:
    if previous is not None and previous.generation == standing.generation:
        return previous
    return LinkVerdict(
        generation=standing.generation,
        state=LinkState.WAITING,
        reason=_FIRST,
        since=now.wall,
    )


def _succeed(current: LinkVerdict, fact: LinkSucceeded, now: Now, limits: Limits) -> LinkVerdict:
    return msgspec.structs.replace(
        current,
        checked_at=now.wall_at(fact.sent_at),
        heard_at=fact.sent_at,
        valid_until=fact.sent_at + limits.link_valid_s,
        session_ends_at=fact.session_ends_at,
        warn_at=_warn_at(fact.session_ends_at, limits),
        retry_at=None,
        trouble=None,
        failures=0,
    )


def _warn_at(session_ends_at: float | None, limits: Limits) -> float | None:
    return None if session_ends_at is None else session_ends_at - limits.session_warning_s


def _trouble(
    current: LinkVerdict, fact: LinkTroubled, now: Now, limits: Limits, draw: float
) -> LinkVerdict:
    failures = current.failures + 1
    wait_s = backoff.delay_s(failures, draw, first_s=limits.retry_first_s, max_s=limits.retry_max_s)
    return msgspec.structs.replace(
        current,
        heard_at=fact.sent_at,
        retry_at=now.mono + max(wait_s, fact.retry_after_s or 0.0),
        trouble=fact.reason,
        failures=failures,
    )


def _settle(current: LinkVerdict, standing: Standing, now: Now) -> LinkVerdict:
    """The state that follows from the standing and from how old the last success is."""
    state = standing.state
    reason = standing.ended if state is LinkState.NEEDS_PERSON else _REASONS.get(state)
    proven = current.valid_until is not None and now.mono < current.valid_until
    if standing.state is LinkState.VALID and not proven:
        state = LinkState.WAITING
        never = current.valid_until is None
        reason = current.trouble or (_FIRST if never else _STALE)
    same = (current.state, current.reason) == (state, reason)
    if same and state is LinkState.VALID:  # by far the most frequent, and nothing is new
        return current
    ended = state in (LinkState.NEEDS_PERSON, LinkState.INACTIVE, LinkState.NOT_LINKED)
    return msgspec.structs.replace(
        current,
        state=state,
        reason=reason,
        since=current.since if same else now.wall,
        valid_until=None if ended else current.valid_until,
        retry_at=None if ended else current.retry_at,
        session_ends_at=None if ended else current.session_ends_at,
        warn_at=None if ended else current.warn_at,
    )
