"""Somebody leaves for good and is erased, at any moment; later their place is taken anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulation.faults.times import poisson

if TYPE_CHECKING:
    from simulation.life import Life


def plan(life: Life) -> None:
    """Some two a day; now and then while they are being linked, or by two people at once."""
    rng = life.universe.named("fault.farewells")
    for when in poisson(rng, 12 * 3600, life.end_s):
        login = rng.choice(life.people.logins)
        life.happen(when, f"goodbye {login}", lambda who=login: life.people.say_goodbye(who))
        if rng.random() < 0.3:
            link_at = when - 2.0 * rng.random()
            life.happen(link_at, f"link {login}", lambda who=login: life.people.link_one(who))
        if rng.random() < 0.1:
            again_at = when + rng.random() * 0.2
            life.happen(
                again_at, f"goodbye again {login}", lambda who=login: life.people.say_goodbye(who)
            )
