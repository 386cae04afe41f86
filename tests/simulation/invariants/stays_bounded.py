"""Memory, store and the rate of requests stay bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulation.invariants import Invariant

if TYPE_CHECKING:
    from simulation.life import Life

TASKS_MAX = 100
REQUESTS_PER_MINUTE = 40
"""For an office of five: a probe each second at the very worst, and retries of five links."""


class StaysBounded(Invariant):
    """Looked at with each sample."""

    def __init__(self) -> None:
        self._requests = self._boots = 0

    def on_sample(self, life: Life, seconds: float) -> None:
        desk = life.agent.desk
        users = len(desk.hub.office.users)
        made, self._requests = life.ledger.requests - self._requests, life.ledger.requests
        boots, self._boots = life.boots - self._boots, life.boots
        allowed = boots * (4 + 4 * users) + (REQUESTS_PER_MINUTE + 24 * users) * seconds / 60.0
        if made > allowed:
            life.violate("rate", f"{made} requests in {seconds:.0f} s")
        if len(desk.cached) > users or len(desk.unsaved) > users:
            life.violate("memory", "more tokens than users")
        running = len(desk.tasks._running)
        if running > TASKS_MAX + 4 * users:
            life.violate("memory", f"{running} tasks")
