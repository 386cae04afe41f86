"""Lives in which something was broken once: they must go well for ever after.

A change of faults makes another life of a seed, so each is chosen anew then: by the mutant of that
name, where there is one (`python -m simulation.mutants_run --record NAME`).
"""

from __future__ import annotations

import pytest

from simulation.life import Life
from simulation.plan import Plan

SEEDS = [
    (65, 24.0, "a wait that was over was kept again after the clock was set back: wait-kept-twice"),
    (18, 24.0, "a clock set ahead cut a wait short over a restart: wait-by-the-wall-clock"),
    (30002, 48.0, "a click did not end a pause that was still being saved"),
    (9, 24.0, "who became the Gerente in mid-check was ended by an old role: promoted-by-old-role"),
]


@pytest.mark.parametrize(("seed", "hours", "why"), SEEDS)
def test_a_life_that_once_went_wrong_goes_well(seed: int, hours: float, why: str) -> None:
    life = Life(Plan(seed=seed, hours=hours)).run()
    assert not life.violations, why
