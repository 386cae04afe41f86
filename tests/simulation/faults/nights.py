"""Nights: most workstations of an office are shut down or sleep; some stay on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulation.life import Life

HOUR_S = 3600.0
DAY_S = 24 * HOUR_S
STAYS_ON = 0.25
"""Of the nights; a terminal server's, or somebody forgot."""
CALM_S = 4 * HOUR_S
"""The end of a life belongs to the day."""


def plan(life: Life) -> None:
    """A life begins at eight in the morning."""
    rng = life.universe.named("fault.nights")
    morning = 0.0
    while morning < life.end_s:
        evening = morning + rng.uniform(9.5, 12.0) * HOUR_S
        morning += DAY_S
        wakes = min(morning + rng.uniform(-0.7, 0.7) * HOUR_S, life.end_s - CALM_S)
        draw = rng.random()
        if draw < STAYS_ON or wakes <= evening:
            continue
        if draw < 0.6:
            life.happen(evening, "night asleep", lambda until=wakes: _sleep(life, until))
        else:
            life.happen(evening, "night off", lambda until=wakes: _off(life, until))


def _sleep(life: Life, until: float) -> None:
    if until > life.universe.true:
        life.suspend(until - life.universe.true)


def _off(life: Life, until: float) -> None:
    if until > life.universe.true:
        life.stop_and_start(until - life.universe.true)
