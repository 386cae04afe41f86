"""Beside green stands a warning from a working day before ONVIO ends the session for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onvio_agent.contract.status import IconState
from simulation.invariants import Invariant, icons_of

if TYPE_CHECKING:
    from simulation.life import Life

LATE_S = 1.0


class WarnsOfEnds(Invariant):
    """Judged by the cloud's own sessions. Of several, an answer having been lost, the last one counts."""

    sampled_each = 4

    def on_sample(self, life: Life, seconds: float) -> None:
        world = life.cloud.world
        families = world.tokens.state.families.values()
        if all(family.ends_at is None for family in families):
            return
        ends: dict[str, float] = {}
        for family in families:
            end = float("inf") if family.ends_at is None else family.ends_at
            ends[family.sub] = max(end, ends.get(family.sub, 0.0))
        urgent_s = life.settings.links.session_warning_s - LATE_S
        icons = icons_of(life)
        for user in life.agent.desk.hub.office.users:
            if icons[user.id].state is not IconState.GREEN or user.link.account is None:
                continue
            left_s = ends.get(user.link.account.sub, float("inf")) - world.now()
            if left_s < urgent_s and icons[user.id].warning is None:
                life.violate("end-not-told", f"{user.login}, {left_s:.0f} s before")
