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
from onvio_agent.watch.again import surviving
from onvio_agent.world import Publication

_REVOKE, _PRUNE = "revoke", "prune"
_REVOKE_FIRST_S = 2.0
_REVOKE_MAX_S = 900.0  # a revocation matters, but nobody waits for it
_PRUNE_FIRST_S = 300.0  # not while the agent starts
_PRUNE_EVERY_S = 6 * 3600.0
_PRUNE_AGAIN_S = 600.0  # a full disk may have room by then, and pruning makes some
_PRUNE_BATCH = 1000
_PRUNE_PAUSE_S = 0.2  # between batches, so that checks get their turn


class Housekeeping:
    """Start it once the hub is loaded."""

    def __init__(self, desk: Desk, timer: Timer, rng: random.Random) -> None:
        self._desk = desk
        self._timer = timer
        self._rng = rng
        self._on_revoke = surviving(desk, timer, _REVOKE, self._revoke)
        self._on_prune = surviving(desk, timer, _PRUNE, self._prune)
        self._parked = True  # some may be left from an earlier run
        self._kicked = False
        self._failures = 0

    def start(self) -> None:
        """Begin; revocations left from an earlier run are taken up once online."""
        self._desk.kick_revocations = self.kick
        self._desk.hub.listen(self._on_change)
        self._timer.at(_PRUNE, self._desk.clock.mono() + _PRUNE_FIRST_S, self._on_prune)

    def kick(self) -> None:
        """A token has been queued for revocation."""
        self._parked, self._kicked = False, True
        self._timer.at(_REVOKE, self._desk.clock.mono(), self._on_revoke)

    def _on_change(self, publication: Publication) -> None:
        if not publication.changes and not self._parked:
            return
        returned = any(
            change.kind == "connection" and change.after == ConnectionState.ONLINE
            for change in publication.changes
        )
        if (returned or self._parked) and self._desk.hub.is_connected():
            self.kick()

    async def _revoke(self) -> None:
        if not self._desk.hub.is_connected():
            self._parked = True  # until connected again
            return
        self._kicked = False
        try:
            done = await revoke_queued(self._desk)
        except StoreFailed:
            done = False
        if done:
            self._failures = 0
            return
        self._failures = 1 if self._kicked else self._failures + 1  # a new one is not made to wait
        wait_s = delay_s(
            self._failures, self._rng.random(), first_s=_REVOKE_FIRST_S, max_s=_REVOKE_MAX_S
        )
        self._timer.at(_REVOKE, self._desk.clock.mono() + wait_s, self._on_revoke)

    async def _prune(self) -> None:
        days = self._desk.settings.history.retention_days
        before = self._desk.clock.wall() - timedelta(days=days)
        try:
            more = await self._desk.store.prune_history(before, _PRUNE_BATCH) >= _PRUNE_BATCH
            wait_s = _PRUNE_PAUSE_S if more else _PRUNE_EVERY_S
        except StoreFailed:
            wait_s = _PRUNE_AGAIN_S
        self._timer.at(_PRUNE, self._desk.clock.mono() + wait_s, self._on_prune)
