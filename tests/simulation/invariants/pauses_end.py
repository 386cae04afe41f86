"""A pause ends by itself at its time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onvio_agent.contract.status import IntentState
from simulation.invariants import Invariant

if TYPE_CHECKING:
    from simulation.life import Life

LATE_S = 150.0
"""The clock is looked at each minute; what could not be saved is tried again after one more."""


AGAIN_S = 7200.0
"""Where a clock was set back before a restart, a pause lasts its own length again; none is longer."""


class PausesEnd(Invariant):
    """By the workstation's clock, wherever somebody has set it, and in any case when the time has
    passed that was asked for. Time asleep does not count."""

    def __init__(self) -> None:
        self._over_since: float | None = None
        self._booted_at = 0.0

    def on_boot(self, life: Life) -> None:
        self._over_since = None
        self._booted_at = life.universe.true

    def on_sample(self, life: Life, seconds: float) -> None:
        intent, awake = life.agent.desk.hub.intent, life.universe.loop_time()
        paused = intent.state is IntentState.PAUSED and intent.until is not None
        if not paused or life.disk.is_full or not self._is_over(life):
            self._over_since = None
        elif self._over_since is None:
            self._over_since = awake
        elif awake > self._over_since + LATE_S:
            life.violate("pause-overdue", f"by {awake - self._over_since:.0f} s")

    def _is_over(self, life: Life) -> bool:
        people, intent = life.people, life.agent.desk.hub.intent
        over_at = people.pause_until
        if life.boots > people.pause_boots:
            over_at = max(over_at, self._booted_at) + AGAIN_S
        return intent.until <= life.universe.wall() or life.universe.true > over_at
