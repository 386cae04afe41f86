"""What is done now and then: revoke queued tokens until ONVIO confirms, drop old history."""

from __future__ import annotations

import random
from datetime import timedelta

from onvio_agent.actions.desk import Desk
from onvio_agent.actions.revoke import revoke_queued
from onvio_agent.contract.status import ConnectionState
from onvio_agent.errors import StoreFailed
from onvio_agent.timer import Timer
from onvio_agent.verdict.backoff import delay_s
from onvio_agent.world import Publication

_REVOKE_FIRST_S = 2.0
_REVOKE_MAX_S = 900.0  # a revocation matters, but nobody waits for it
_PRUNE_FIRST_S = 300.0  # not while the agent starts
_PRUNE_EVERY_S = 6 * 3600.0
_PRUNE_BATCH = 1000
_PRUNE_PAUSE_S = 0.2  # between batches, so that checks get their turn


class Housekeeping:
    """Start it once the hub is loaded."""

    def __init__(self, desk: Desk, timer: Timer, rng: random.Random) -> None:
        self._desk = desk
        self._timer = timer
        self._rng = rng
        self._failures = 0

    def start(self) -> None:
        """Begin; revocations left from an earlier run are taken up once online."""
        self._desk.kick_revocations = self.kick
        self._desk.hub.listen(self._on_change)
        self._timer.at("prune", self._desk.clock.mono() + _PRUNE_FIRST_S, self._prune)

    def kick(self) -> None:
        """A token has been queued for revocation."""
        self._timer.at("revoke", self._desk.clock.mono(), self._revoke)

    def _on_change(self, publication: Publication) -> None:
        changes = publication.changes
        if any(c.kind == "connection" and c.after == ConnectionState.ONLINE for c in changes):
            self.kick()

    async def _revoke(self) -> None:
        if not self._desk.hub.is_connected():
            return  # the return of the connection kicks again
        try:
            done = await revoke_queued(self._desk)
        except StoreFailed:
            done = False
        if done:
            self._failures = 0
            return
        self._failures += 1
        wait_s = delay_s(
            self._failures, self._rng.random(), first_s=_REVOKE_FIRST_S, max_s=_REVOKE_MAX_S
        )
        self._timer.at("revoke", self._desk.clock.mono() + wait_s, self._revoke)

    async def _prune(self) -> None:
        days = self._desk.settings.history.retention_days
        before = self._desk.clock.wall() - timedelta(days=days)
        try:
            more = await self._desk.store.prune_history(before, _PRUNE_BATCH) >= _PRUNE_BATCH
        except StoreFailed:
            more = False
        wait_s = _PRUNE_PAUSE_S if more else _PRUNE_EVERY_S
        self._timer.at("prune", self._desk.clock.mono() + wait_s, self._prune)
