"""People who do things at a bad moment: link again, inactivate, promote, click, pause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulation.faults.times import poisson, span_s
from simulation.faults.walls import set_wall

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulation.life import Life

KINDS = (
    "relink",
    "inactivate",
    "promote",
    "click",
    "clicks",
    "pause",
    "other",
    "spare",
    "impatient",
)

CLICKS = 12
"""Of somebody who waits for an icon to turn green."""


def plan(life: Life) -> None:
    """Some twelve a day, some of them twice within a second."""
    rng = life.universe.named("fault.staff")
    for when in poisson(rng, 2 * 3600, life.end_s):
        kind, login = rng.choice(KINDS), rng.choice(life.people.logins)
        act = _act(life, kind, login, span_s(rng, 30, 7200), rng.choice(life.people.logins))
        life.happen(when, f"staff {kind} {login}", act)
        if rng.random() < 0.2:
            life.happen(when + rng.random() * 0.2, f"staff again {kind} {login}", act)


def _act(life: Life, kind: str, login: str, seconds: float, other: str) -> Callable[[], None]:
    people = life.people

    def act() -> None:
        match kind:
            case "relink":
                people.link_one(login)
            case "inactivate":
                people.inactivate(login, other if other != login else None)
            case "promote":
                people.make_administrator(login)
                people.click(login)  # whose check and whose promotion meet, or nearly
                soon = life.universe.true + seconds % 0.5
                life.universe.at(soon, f"promote {login}", lambda: people.promote(login))
            case "click":
                people.click(login)
            case "clicks":
                for _ in range(5):
                    people.click()
            case "pause":
                people.pause(seconds)
                if seconds % 1 < 0.3:  # and its end cannot be written down at once
                    life.universe.at(
                        life.universe.true + 5,
                        "",
                        lambda: setattr(life.disk, "breaks", "set_intent"),
                    )
                elif seconds % 1 < 0.5:  # and somebody sets the clock back meanwhile
                    halfway = life.universe.true + seconds / 2
                    life.universe.at(halfway, "wall back", lambda: set_wall(life, -86400.0))
            case "impatient":
                for click in range(CLICKS):
                    life.universe.at(
                        life.universe.true + click * seconds / CLICKS, "", people.click
                    )
            case "other":
                people.link_with_account_of(login, other)
            case "spare":
                people.link_with_spare(login)

    return act
