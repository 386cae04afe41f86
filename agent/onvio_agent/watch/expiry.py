"""Wakes the hub at the instant at which a verdict stops holding, and at the end of a pause."""

from __future__ import annotations

from onvio_agent.actions.desk import Desk
from onvio_agent.actions.intent import resume
from onvio_agent.contract.status import Intent, IntentState
from onvio_agent.errors import StoreFailed
from onvio_agent.timer import Timer
from onvio_agent.watch.again import surviving
from onvio_agent.world import Publication

_EXPIRY = "expiry"
_PAUSE = "pause"
_LATE_S = 0.001  # the instant itself must have passed
_LOOK_AGAIN_S = 60.0  # a pause ends by the wall clock too, which somebody may set


class ExpiryWatch:
    """Start it once the hub is loaded."""

    def __init__(self, desk: Desk, timer: Timer) -> None:
        self._desk = desk
        self._timer = timer
        self._on_expiry = surviving(desk, timer, _EXPIRY, self._expire)
        self._on_pause = surviving(desk, timer, _PAUSE, self._resume)
        self._expiry: float | None = None
        self._intent: Intent | None = None
        self._pause_ends = 0.0

    def start(self) -> None:
        """Begin to follow the hub."""
        self._desk.hub.listen(self._on_change)
        self._arm_before(self._desk.hub.tick())
        self._follow_intent(self._desk.hub.intent)

    def _on_change(self, publication: Publication) -> None:
        world = publication.world
        ends = [world.connection.valid_until]
        for user in publication.users:
            ends += world.links[user.id].instants()
        for end in ends:
            if end is not None and end > publication.now.mono:
                self._arm_before(end)
        self._follow_intent(world.intent)

    def _follow_intent(self, intent: Intent) -> None:
        if intent is not self._intent:
            self._intent = intent
            self._plan_resume(intent)

    def _arm_before(self, expiry: float | None) -> None:
        if expiry is not None and (self._expiry is None or expiry < self._expiry):
            self._arm(expiry)

    def _arm(self, expiry: float) -> None:
        # A verdict that is renewed in time moves its end ahead: the early call finds nothing to do
        # and sets the later one, which is cheaper than setting it anew at each renewal.
        self._expiry = expiry
        self._timer.at(_EXPIRY, expiry + _LATE_S, self._on_expiry)

    async def _expire(self) -> None:
        self._expiry = None
        self._arm_before(self._desk.hub.tick())

    def _plan_resume(self, intent: Intent) -> None:
        if intent.state is not IntentState.PAUSED or intent.until is None:
            self._timer.cancel(_PAUSE)
            return
        now = self._desk.clock.now()
        self._pause_ends = now.mono + max(0.0, (intent.until - now.wall).total_seconds())
        self._look_at_pause(now.mono)

    def _look_at_pause(self, mono: float) -> None:
        self._timer.at(_PAUSE, min(self._pause_ends, mono + _LOOK_AGAIN_S), self._on_pause)

    async def _resume(self) -> None:
        intent = self._desk.hub.intent
        if intent.state is not IntentState.PAUSED or intent.until is None:
            return
        now = self._desk.clock.now()
        if now.wall < intent.until and now.mono < self._pause_ends:
            self._look_at_pause(now.mono)
            return
        try:
            await resume(self._desk)
        except StoreFailed:  # a full disk: the pause ends once this can be saved
            self._timer.at(_PAUSE, self._desk.clock.mono() + _LOOK_AGAIN_S, self._on_pause)
