"""Makes a failing life small: the fewest faults and kills after which the same promise is broken.

Delta debugging, greedy and bounded by CPU time: each try is a whole life with fewer parts. What is
found is small, not the smallest there is.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec

from simulation.life import Life
from simulation.plan import Plan

CPU_MAX_S = 60.0

Part = tuple[str, int]
Live = Callable[[Plan], Life]


def lived(plan: Plan) -> Life:
    """One life."""
    return Life(plan).run()


def shrink(life: Life, *, cpu_max_s: float = CPU_MAX_S, live: Live = lived) -> Life:
    """A life like `life` that breaks the same promise first, with fewer parts.

    `live` lives a plan, with whatever is planted in it.
    """
    broken = life.violations[0].invariant
    until = time.process_time() + cpu_max_s
    best = life
    step = 1
    while True:
        parts = _parts(best)
        step = min(step * 2, len(parts)) if parts else 0
        for without in _chunks(parts, step):
            if time.process_time() > until:
                return best
            tried = live(_plan_of(best.plan, [part for part in parts if part not in without]))
            if tried.violations and tried.violations[0].invariant == broken:
                best, step = tried, max(1, step // 2)
                break
        else:
            if step >= len(parts):
                return best


def _parts(life: Life) -> list[Part]:
    """What happened before the end: only that can be to blame."""
    return [("fault", number) for number in life.struck] + [
        ("kill", number) for number in life.struck_kills
    ]


def _chunks(parts: list[Part], count: int) -> list[list[Part]]:
    size = -(-len(parts) // count) if count else 1
    return [parts[start : start + size] for start in range(0, len(parts), size)]


def _plan_of(plan: Plan, parts: list[Part]) -> Plan:
    def of(kind: str) -> frozenset[int]:
        return frozenset(number for each, number in parts if each == kind)

    return msgspec.structs.replace(plan, only=of("fault"), only_kills=of("kill"))
