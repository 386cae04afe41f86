"""Probes the connection when it is due: every interval, after each back-off, once after a start.

The instant follows from the verdict alone, so whatever else proved or disproved the connection (a
click, a call for a user) also moves the next probe.
"""

from __future__ import annotations

from onvio_agent.actions.desk import Desk
from onvio_agent.actions.probe import probe
from onvio_agent.contract.status import IntentState
from onvio_agent.timer import Timer
from onvio_agent.watch.again import surviving
from onvio_agent.world import Publication, World

_NAME = "probe"


class ConnectionWatch:
    """Start it once the hub is loaded."""

    def __init__(self, desk: Desk, timer: Timer) -> None:
        self._desk = desk
        self._timer = timer
        self._tick = surviving(desk, timer, _NAME, self._probe)
        self._due: float | None = None
        self._probing = False

    def start(self) -> None:
        """Begin; the first probe is at once unless a wait outlived the restart."""
        self._desk.hub.listen(self._on_change)
        self._plan(self._next(self._desk.hub.world))

    def _on_change(self, publication: Publication) -> None:
        self._plan(self._next(publication.world))

    def _next(self, world: World) -> float | None:
        connection = world.connection
        if world.intent.state is not IntentState.RUN:
            return None
        if connection.retry_at is not None:
            return connection.retry_at
        if connection.checked_at is None:
            return self._desk.clock.mono()
        return connection.heard_at + self._desk.limits.probe_interval_s

    def _plan(self, due: float | None) -> None:
        if self._probing or due == self._due:
            return
        self._due = due
        if due is None:
            self._timer.cancel(_NAME)
        else:
            self._timer.at(_NAME, due, self._tick)

    async def _probe(self) -> None:
        self._due, self._probing = None, True
        try:
            await probe(self._desk, here=True)
        finally:
            self._probing = False
        self._plan(self._next(self._desk.hub.world))
