"""Sign-ins by browser at any moment: given up, loaded twice, and with a stranger who comes back first.

In some lives only, so that the others stay as they were.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from simulation.faults.times import poisson

if TYPE_CHECKING:
    from simulation.life import Life

SHARE = 0.15
"""Of lives in whose office anybody signs in by browser."""
MOODS = ("calm", "hasty", "beset", "tired")


def plan(life: Life) -> None:
    """Some eight times a day."""
    rng = life.universe.named("fault.browsers")
    if rng.random() >= SHARE:
        return
    for when in poisson(rng, 3 * 3600, life.end_s):
        login, what = rng.choice(life.people.logins), rng.choice(("link", "link", "portal"))
        mood, typing = rng.choice(MOODS), rng.random()
        act = partial(life.browsers.sign_in, login, what, mood, typing)
        life.happen(when, f"browser {mood} {what} {login}", act)
