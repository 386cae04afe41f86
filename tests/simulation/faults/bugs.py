"""Errors of a kind that nobody expects: what any call may raise on a bad day, or through a bug.

The agent must go on: it says so once, and tries again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulation.faults.times import poisson, span_s

if TYPE_CHECKING:
    from simulation.life import Life

METHODS = ("SqliteStore", "SimStore", "set_intent", "prune_history", "revocation_done")
"""Of the store, whose next write fails; the first two stand for any."""
TARGETS = (("auth",), ("api",), ("auth", "api"))


def plan(life: Life) -> None:
    """Some five a day: on the wire for a while, on the disk once."""
    rng = life.universe.named("fault.bugs")
    for when in poisson(rng, 8 * 3600, life.end_s):
        targets, lasts_s = rng.choice(TARGETS), span_s(rng, 1, 600)
        life.happen(when, f"wire bug {targets}", lambda t=targets: life.wire.set("bug", t))
        life.universe.at(when + lasts_s, "wire ok", lambda t=targets: life.wire.set("ok", t))
    for when in poisson(rng, 8 * 3600, life.end_s):
        method = rng.choice(METHODS)
        life.happen(when, f"disk bug {method}", lambda m=method: _break(life, m))


def _break(life: Life, method: str) -> None:
    life.disk.breaks = method
