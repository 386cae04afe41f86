"""Every planted bug is found by the invariants, and only because it was planted."""

from __future__ import annotations

from functools import lru_cache
from types import ModuleType

import pytest

from onvio_agent.verdict import backoff
from simulation.life import Life
from simulation.mutants import ALL
from simulation.mutants.switches import NoSuchPlace, given, rewritten, together
from simulation.mutants_run import search
from simulation.plan import Plan

CPU_MAX_S = 60.0
"""A record that has grown stale costs time, not the test: the lives after it are looked at too."""


@lru_cache
def survives(seed: int, hours: float) -> bool:
    """Whether that life goes well with the sound code."""
    return not Life(Plan(seed=seed, hours=hours)).run().violations


@pytest.mark.parametrize("mutant", ALL, ids=lambda mutant: mutant.NAME)
def test_it_is_found_and_the_sound_code_is_not_blamed(mutant: ModuleType) -> None:
    found = search(mutant.NAME, first_seed=mutant.SEED, hours=mutant.HOURS, cpu_max_s=CPU_MAX_S)
    assert found.by is not None, mutant.WHY
    assert survives(found.seed, mutant.HOURS)


def test_each_says_what_it_is() -> None:
    names = [mutant.NAME for mutant in ALL]
    assert len(names) == len(dict.fromkeys(names)) >= 24
    for mutant in ALL:
        assert mutant.__name__.rsplit(".", 1)[1].replace("_", "-") == mutant.NAME
        assert mutant.WHY.endswith(".")


def test_what_was_planted_is_gone_afterwards() -> None:
    one = rewritten(backoff.spread_s, "draw * width_s", "7.0")
    other = given(backoff, "_FLOOR_S", 9.0)
    with together(one, other)():
        assert backoff.spread_s(0.5, 30.0) == 7.0
        assert backoff.delay_s(1, 0.0, first_s=60.0, max_s=60.0) == 9.0
    assert backoff.spread_s(0.5, 30.0) == 15.0
    assert backoff.delay_s(1, 0.0, first_s=60.0, max_s=60.0) < 9.0


def test_a_mutant_that_no_longer_fits_the_code_says_so() -> None:
    with pytest.raises(NoSuchPlace), rewritten(backoff.spread_s, "not there", "")():
        pass
