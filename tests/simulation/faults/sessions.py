"""Sessions that ONVIO ends for good after some hours, however often they are renewed, and says so.

In some lives only, so that the others stay as they were.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from simulation.faults.times import poisson

if TYPE_CHECKING:
    from simulation.life import Life

SEEDS = (7, 10, 13)
"""Modulo 20."""


def plan(life: Life) -> None:
    """From the beginning, and otherwise now and then."""
    if life.plan.seed % 20 not in SEEDS:
        return
    rng = life.universe.named("fault.sessions")
    for when in [0.0, *poisson(rng, 12 * 3600, life.end_s)]:
        hours = rng.choice((3, 8, 11, 14, 20))
        life.happen(when, f"sessions of {hours} h", lambda h=hours: _set(life, h * 3600.0))


def end_no_more(life: Life) -> None:
    """Sessions last, those that were to end too."""
    for family in life.cloud.world.tokens.state.families.values():
        family.ends_at = None
    _set(life, None)


def _set(life: Life, session_s: float | None) -> None:
    now = life.cloud.world.tokens.state.rotation
    life.cloud.set_rotation(msgspec.structs.replace(now, session_s=session_s))
