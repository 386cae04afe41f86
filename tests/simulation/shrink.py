"""Makes a failing life small: few faults and kills after which the same promise is broken.

Delta debugging, greedy and bounded by CPU time: each try is a life with fewer parts. A life is
chaotic: without one fault all that follows comes at other instants. So each smaller set of parts is
tried with several salts, which leave the faults as they are and let all else come otherwise. What is
found is small, not the smallest there is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import msgspec

from simulation.life import Life
from simulation.plan import Plan

CPU_MAX_S = 60.0
TRIES = 3
"""Salts for each set of parts."""
PATIENCE = 1.5
"""How much later than known the promise may be broken."""

Part = tuple[str, int]
Live = Callable[[Plan, float], Life]


def lived(plan: Plan, give_up_s: float) -> Life:
    """One life."""
    return Life(plan).run(give_up_s)


def shrink(life: Life, *, cpu_max_s: float = CPU_MAX_S, live: Live = lived) -> Life:
    """A life like `life` that breaks the same promise first, with fewer parts.

    `live` lives a plan, with whatever is planted in it.
    """
    until = time.process_time() + cpu_max_s
    pieces = 1
    while True:
        parts = _parts(life)
        pieces = min(pieces, len(parts))
        for plan in _smaller(life.plan, parts, pieces):
            if time.process_time() > until:
                return life
            tried = live(plan, life.violations[0].at_s * PATIENCE)
            if tried.violations and tried.violations[0].invariant == life.violations[0].invariant:
                life, pieces = tried, max(1, pieces // 2)
                break
        else:
            if pieces >= len(parts):
                return life
            pieces *= 2


def _parts(life: Life) -> list[Part]:
    """What happened before the end: only that can be to blame."""
    faults: list[Part] = [("fault", number) for number in life.struck]
    return faults + [("kill", number) for number in life.struck_kills]


def _smaller(plan: Plan, parts: list[Part], pieces: int) -> Iterator[Plan]:
    """The plans without one of so many pieces, each with several salts."""
    size = -(-len(parts) // max(1, pieces))
    for start in range(0, len(parts), max(1, size)):
        left = parts[:start] + parts[start + size :]
        for salt in range(plan.salt, plan.salt + TRIES):
            yield msgspec.structs.replace(
                plan, only=_of("fault", left), only_kills=_of("kill", left), salt=salt
            )


def _of(kind: str, parts: list[Part]) -> frozenset[int]:
    return frozenset(number for each, number in parts if each == kind)
