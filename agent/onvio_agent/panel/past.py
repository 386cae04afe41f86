"""The past of the connection and of each link, read once and kept until something changes.

Only what is drawn is kept, a few hundred bytes each. Rows of the history are written shortly after
the change that they record, so what has just changed is read again a little later.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from onvio_agent.actions.desk import Desk
from onvio_agent.panel import timeline
from onvio_agent.panel.timeline import PERIODS, Span, Strip
from onvio_agent.store.base import Transition
from onvio_agent.world import Publication

KEEP_S = 300.0
"""A cell of the shortest strip is 15 min wide: older than this, it would be seen to lag."""

SETTLES_S = 2.0
"""By then a change has been written to the history, or the disk is full."""

ROWS_MAX = 20_000
"""Of one subject in 30 days: a change every two minutes."""

OUTAGES_MAX = 10

LONGEST = max(PERIODS, key=lambda name: PERIODS[name])

CONNECTION, AGENT = "connection", "agent"


class Past(msgspec.Struct, frozen=True):
    """One subject's: strips by the names of `timeline.PERIODS`, and the newest outages."""

    strips: dict[str, Strip]
    outages: tuple[Span, ...]
    read_at: float


class Pasts:
    """By subject: `connection`, or a login."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._kept: dict[tuple[str, str], Past] = {}
        self._changed_at: dict[str, float] = {}
        desk.hub.listen(self._on_change)

    async def of(self, subject: str, longest: str = LONGEST) -> Past:
        """Its strips up to the period `longest`; a short one is read much sooner. Raises StoreFailed."""
        kept, now = self._kept.get((subject, longest)), self._desk.clock.mono()
        if kept is not None:
            changed_at = self._changed_at.get(subject)
            settled = changed_at is None or kept.read_at >= changed_at + SETTLES_S
            if settled and now - kept.read_at < KEEP_S:
                return kept
        past = self._kept[subject, longest] = await self._read(subject, longest)
        return past

    def _on_change(self, publication: Publication) -> None:
        for change in publication.changes:
            if change.kind in ("connection", "link"):
                self._changed_at[change.login or CONNECTION] = publication.now.mono

    async def _read(self, subject: str, longest: str) -> Past:
        at = self._desk.clock.now()
        since = at.wall - PERIODS[longest]
        stops = [row.at for row in await self._rows(AGENT, since)]
        before = await self._desk.store.history(subject=subject, since=None, until=since, limit=1)
        changes = [*before, *await self._rows(subject, since)]
        found = timeline.spans(changes, stops, at.wall)
        return Past(
            {
                name: timeline.strip(found, period, at.wall)
                for name, period in PERIODS.items()
                if period <= PERIODS[longest]
            },
            timeline.outages(found)[:OUTAGES_MAX],
            at.mono,
        )

    async def _rows(self, subject: str, since: datetime) -> Sequence[Transition]:
        """Oldest first."""
        rows = await self._desk.store.history(subject=subject, since=since, limit=ROWS_MAX)
        return list(reversed(rows))
