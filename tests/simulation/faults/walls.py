"""The wall clock: stepped back and forth by seconds to days, and drifting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onvio_agent.simulator.faults import Fault
from simulation.faults.times import poisson, span_s

if TYPE_CHECKING:
    from simulation.life import Life

SETTLED_S = 60.0
"""Until a probe has met the wait, and it is saved."""


def plan(life: Life) -> None:
    """Three steps a day, some before a restart, and one while ONVIO has asked for silence; every second
    life drifts."""
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
    for when in poisson(rng, 24 * 3600, life.end_s):
        wait_s = float(int(span_s(rng, 300, 1800)))
        step_s = span_s(rng, 60, 86400) * rng.choice((-1, 1))
        life.happen(
            when,
            f"wall in a wait of {wait_s:.0f}",
            lambda w=wait_s, s=step_s: _set_in_wait(life, w, s),
        )


def _set_in_wait(life: Life, wait_s: float, step_s: float) -> None:
    """ONVIO asks for silence; the clock is set in it, and the agent starts anew."""
    life.cloud.set_fault(Fault("limited", times=1, value=wait_s))
    soon = life.universe.true + SETTLED_S
    life.universe.at(soon, f"wall {step_s:+.0f}", lambda: set_wall(life, step_s))
    if life.plan.kills:
        life.universe.at(soon + 1.0, "", lambda: life.ask_kill("in a wait"))


def _drift(life: Life, drift: float) -> None:
    life.universe.wall_drift = drift


def set_wall(life: Life, seconds: float) -> None:
    """Somebody sets the workstation's clock, by so much."""
    life.universe.wall_offset_s += seconds
