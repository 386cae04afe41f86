"""From recorded changes of state to strips of colour and lists of outages. Pure.

What is not known is shown as not known: before the first record, and from the last record before an
end that nobody noted to the next start.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from onvio_agent.contract.status import ConnectionState, LinkState
from onvio_agent.store.base import Transition

CELLS = 96
"""Of a strip: a quarter of an hour each for a day, seven and a half hours each for 30 days."""

PERIODS = {"24h": timedelta(days=1), "7d": timedelta(days=7), "30d": timedelta(days=30)}

STOPPED = "stopped"
"""What the agent's own subject becomes when it ends in order."""


class Kind(StrEnum):
    """How it was, from good to bad; `unknown` covers no other."""

    UNKNOWN = "unknown"
    OK = "ok"
    IDLE = "idle"
    PERSON = "person"
    OFF = "off"


_ORDER = list(Kind)
_KINDS: dict[str, Kind] = {
    ConnectionState.ONLINE: Kind.OK,
    ConnectionState.OFFLINE: Kind.OFF,
    ConnectionState.WAITING: Kind.OFF,  # LinkState.WAITING is the same word
    LinkState.VALID: Kind.OK,
    LinkState.UNCONFIRMED: Kind.PERSON,
    LinkState.NEEDS_PERSON: Kind.PERSON,
    LinkState.NOT_LINKED: Kind.IDLE,
    LinkState.INACTIVE: Kind.IDLE,
}


class Span(NamedTuple):
    """One state that lasted from `start` to `end`, which is only the time of the look if it `goes_on`."""

    start: datetime
    end: datetime
    kind: Kind
    reason: str | None
    goes_on: bool = False

    def length_s(self, now: datetime) -> float:
        """How long it has lasted by `now`, in seconds."""
        return ((max(now, self.end) if self.goes_on else self.end) - self.start).total_seconds()


class Strip(NamedTuple):
    """`runs`: (first cell, cells, kind), without the unknown. `share`: of the known time with a
    link that was good, 0 to 1, None where there is none. `breaks`: how often something was broken."""

    runs: tuple[tuple[int, int, Kind], ...]
    share: float | None
    breaks: int


def spans(
    changes: Iterable[Transition], stops: Sequence[datetime], now: datetime
) -> tuple[Span, ...]:
    """The states between `changes` (of one subject, oldest first), each until the next or until an
    end of the agent that is in `stops` (oldest first)."""
    found: list[Span] = []
    last: Transition | None = None
    for change in changes:
        if last is not None:
            found.append(_span(last, change.at, stops, is_start=change.before == "none"))
        elif change.duration_s:  # what was before the oldest of them, it says itself
            began = change.at - timedelta(seconds=change.duration_s)
            found.append(Span(began, change.at, _KINDS.get(change.before, Kind.UNKNOWN), None))
        last = change
    if last is not None:
        found.append(_span(last, now, (), is_start=False)._replace(goes_on=True))
    return tuple(span for span in found if span.end > span.start)


def _span(last: Transition, end: datetime, stops: Sequence[datetime], *, is_start: bool) -> Span:
    kind = _KINDS.get(last.after, Kind.UNKNOWN)
    if is_start:  # the agent ran anew: `last` ended when it stopped, if that was noted
        known = [stop for stop in stops if last.at <= stop <= end]
        return Span(last.at, known[0] if known else last.at, kind, last.reason)
    return Span(last.at, end, kind, last.reason)


def strip(found: Sequence[Span], period: timedelta, now: datetime) -> Strip:
    """`found` over the last `period`; of several states in one cell the worst is shown."""
    begin, width = now - period, period / CELLS
    cells = [Kind.UNKNOWN] * CELLS
    good = known = timedelta()
    breaks, before = 0, Kind.UNKNOWN
    for span in found:
        start = max(span.start, begin)
        if span.end <= begin or span.kind is Kind.UNKNOWN:
            continue
        if span.kind is not Kind.IDLE:  # who is not linked is neither connected nor cut off
            known += span.end - start
        good += span.end - start if span.kind is Kind.OK else timedelta()
        breaks += span.kind in (Kind.OFF, Kind.PERSON) and before not in (Kind.OFF, Kind.PERSON)
        before = span.kind
        first = int((start - begin) / width)
        last = min(CELLS - 1, int((span.end - begin) / width))
        for at in range(first, last + 1):
            cells[at] = max(cells[at], span.kind, key=_ORDER.index)
    return Strip(_runs(cells), good / known if known else None, breaks)


def _runs(cells: Sequence[Kind]) -> tuple[tuple[int, int, Kind], ...]:
    runs: list[tuple[int, int, Kind]] = []
    for at, kind in enumerate(cells):
        if runs and runs[-1][2] is kind:
            first, count, _same = runs[-1]
            runs[-1] = (first, count + 1, kind)
        else:
            runs.append((at, 1, kind))
    return tuple(run for run in runs if run[2] is not Kind.UNKNOWN)


def outages(found: Sequence[Span]) -> tuple[Span, ...]:
    """Times in which something was broken, newest first; one that changed its reason is one, with
    the reason that it began with."""
    merged: list[Span] = []
    for span in found:
        if span.kind is not Kind.OFF:
            continue
        if merged and merged[-1].end == span.start:
            merged[-1] = merged[-1]._replace(end=span.end, goes_on=span.goes_on)
        else:
            merged.append(span)
    return tuple(reversed(merged))
