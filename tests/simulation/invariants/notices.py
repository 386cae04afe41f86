"""A route that is lost shows at once: the system tells, and nobody has to be asked."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from onvio_agent.contract.status import IconState
from onvio_agent.watch.network import AGAIN_S, SETTLE_S
from simulation.invariants import Invariant, icons_of

if TYPE_CHECKING:
    from simulation.life import Life

WITHIN_S = AGAIN_S + SETTLE_S + 1.0
"""One look a second at most, and a moment to take it."""


class Notices(Invariant):
    """Judged where neither sleep, start nor return of the route came in between."""

    def __init__(self) -> None:
        self._count = 0

    def on_boot(self, life: Life) -> None:
        self._count += 1

    def on_route(self, life: Life, has_route: bool) -> None:
        self._count += 1
        if not has_route:
            look = partial(self._look, life, self._count, life.universe.suspended)
            life.universe.at(life.universe.true + WITHIN_S, "", look)

    def _look(self, life: Life, count: int, suspended: float) -> None:
        if life.agent is None or (count, suspended) != (self._count, life.universe.suspended):
            return
        for user_id, icon in icons_of(life).items():
            if icon.state is IconState.GREEN:
                life.violate("route-unnoticed", f"u{user_id} is green without a route")
