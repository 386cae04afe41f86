"""ONVIO itself: 5xx, 429 with Retry-After, HTML, wrong types, and its rotation's leeway."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from onvio_agent.simulator.faults import Fault
from simulation.faults.times import poisson, span_s
from simulation.faults.walls import set_wall

if TYPE_CHECKING:
    import random

    from simulation.life import Life

KINDS = ("http_500", "http_503", "limited", "html", "content_type")


def plan(life: Life) -> None:
    """Some six a day; the leeway changes once a day."""
    rng = life.universe.named("fault.cloud")
    for when in poisson(rng, 4 * 3600, life.end_s):
        kind, target = rng.choice(KINDS), rng.choice(("auth", "api", "all"))
        value = float(int(span_s(rng, 5, 1800))) if kind == "limited" else None
        fault = Fault(kind, target, value=value)
        life.happen(when, f"cloud {kind} {target}", lambda f=fault: life.cloud.set_fault(f))
        life.universe.at(when + span_s(rng, 10, 3600), "cloud ok", life.cloud.clear_faults)
        if kind == "limited" and rng.random() < 0.5:
            _impatience(life, when + span_s(rng, 30, 900), rng)
    for when in [0.0, *poisson(rng, 86400, life.end_s)]:
        leeway_s = float(rng.choice((0, 0, 10, 60)))
        life.happen(when, f"leeway {leeway_s}", lambda s=leeway_s: _set_leeway(life, s))


def _set_leeway(life: Life, leeway_s: float) -> None:
    now = life.cloud.world.tokens.state.rotation
    life.cloud.set_rotation(msgspec.structs.replace(now, leeway_s=leeway_s))


def _impatience(life: Life, when: float, rng: random.Random) -> None:
    """Somebody does not care to wait: sets the clock, starts the agent anew, clicks and clicks."""
    if rng.random() < 0.5:
        step_s = span_s(rng, 60, 86400) * rng.choice((-1, 1))
        life.happen(when, f"wall {step_s:+.0f} while limited", lambda: set_wall(life, step_s))
    if life.plan.kills:
        life.happen(when + 1.0, "kill while limited", lambda: life.ask_kill("while limited"))
    for number in range(1, 8):
        life.happen(when + 20.0 * number, "click while limited", life.people.click)
