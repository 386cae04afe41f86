"""Somebody pauses, and clicks before the pause is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulation.faults.times import poisson, span_s

if TYPE_CHECKING:
    from simulation.life import Life


def plan(life: Life) -> None:
    """Some three a day."""
    rng = life.universe.named("fault.changed_minds")
    for when in poisson(rng, 8 * 3600, life.end_s):
        seconds = span_s(rng, 60, 7200)
        click_at, login = when + seconds * rng.random(), rng.choice((None, *life.people.logins))
        life.happen(when, "pause", lambda s=seconds: life.people.pause(s))
        life.happen(click_at, "click in a pause", lambda who=login: life.people.click(who))
