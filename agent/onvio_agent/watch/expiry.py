"""Wakes the hub at the instant at which a verdict stops holding, and at the end of a pause."""

from __future__ import annotations

from onvio_agent.actions.desk import Desk
from onvio_agent.actions.intent import resume
from onvio_agent.clock import Now
from onvio_agent.contract.status import Intent, IntentState
from onvio_agent.hub import Change, World
from onvio_agent.timer import Timer

_EXPIRY = "expiry"
_PAUSE = "pause"
_LATE_S = 0.001  # the instant itself must have passed
_LOOK_AGAIN_S = 60.0  # a pause ends by the wall clock, which somebody may set


class ExpiryWatch:
    """Start it once the hub is loaded."""

    def __init__(self, desk: Desk, timer: Timer) -> None:
        self._desk = desk
        self._timer = timer
        self._expiry: float | None = None
        self._intent: Intent | None = None

    def start(self) -> None:
        """Begin to follow the hub."""
        self._desk.hub.listen(self._on_change)
        self._follow(self._desk.hub.world)

    def _on_change(self, _changes: list[Change], world: World, _now: Now) -> None:
        self._follow(world)

    def _follow(self, world: World) -> None:
        expiry = self._desk.hub.next_expiry()
        if expiry is not None and (self._expiry is None or expiry < self._expiry):
            self._arm(expiry)
        if world.intent is not self._intent:
            self._intent = world.intent
            self._plan_resume(world.intent)

    def _arm(self, expiry: float) -> None:
        # A verdict that is renewed in time moves its end ahead: the early call finds nothing to do
        # and sets the later one, which is cheaper than setting it anew at each renewal.
        self._expiry = expiry
        self._timer.at(_EXPIRY, expiry + _LATE_S, self._expire)

    async def _expire(self) -> None:
        self._expiry = None
        self._desk.hub.tick()
        self._follow(self._desk.hub.world)

    def _plan_resume(self, intent: Intent) -> None:
        if intent.state is not IntentState.PAUSED or intent.until is None:
            self._timer.cancel(_PAUSE)
            return
        now = self._desk.clock.now()
        left_s = (intent.until - now.wall).total_seconds()
        self._timer.at(_PAUSE, now.mono + min(max(0.0, left_s), _LOOK_AGAIN_S), self._resume)

    async def _resume(self) -> None:
        intent = self._desk.hub.intent
        if intent.state is not IntentState.PAUSED or intent.until is None:
            return
        if self._desk.clock.wall() >= intent.until:
            await resume(self._desk)
        else:
            self._plan_resume(intent)
