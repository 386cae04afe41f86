"""The wall clock: stepped back and forth by seconds to days, and drifting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulation.faults.times import poisson, span_s

if TYPE_CHECKING:
    from simulation.life import Life


def plan(life: Life) -> None:
    """Three steps a day, some before a restart; every second life drifts."""
    rng = life.universe.named("fault.walls")
    if rng.random() < 0.5:
        drift = rng.uniform(-2e-3, 2e-3)
        life.happen(0.0, f"drift {drift:.5f}", lambda: _drift(life, drift))
    for when in poisson(rng, 8 * 3600, life.end_s):
        step_s = span_s(rng, 1, 2 * 86400) * rng.choice((-1, 1))
        life.happen(when, f"wall {step_s:+.0f}", lambda s=step_s: set_wall(life, s))
        if life.plan.kills and rng.random() < 0.4:  # what the clock was set for often restarts
            soon = when + span_s(rng, 1, 1800)
            life.happen(soon, "kill after wall", lambda: life.ask_kill("after a clock was set"))


def _drift(life: Life, drift: float) -> None:
    life.universe.wall_drift = drift


def set_wall(life: Life, seconds: float) -> None:
    """Somebody sets the workstation's clock, by so much."""
    life.universe.wall_offset_s += seconds
