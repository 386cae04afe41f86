"""Second factors, switched on at ONVIO: from then on sign-ins need a code, and old sessions a person.

In some lives only, so that the others stay as they were.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from onvio_agent.simulator.accounts import AccountPatch
from simulation.faults.times import poisson

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulation.life import Life

SHARE = 0.4
"""Of lives in whose office anybody uses one."""


def plan(life: Life) -> None:
    """Some six times a day, off again now and then."""
    rng = life.universe.named("fault.second_factors")
    if rng.random() >= SHARE:
        return
    for when in poisson(rng, 4 * 3600, life.end_s):
        login, kind = rng.choice(life.people.logins), rng.choice(("otp", "oob", "otp", "oob", None))
        life.happen(when, f"second factor {kind} {login}", _switch(life, login, kind))


def _switch(life: Life, login: str, kind: str | None) -> Callable[[], None]:
    def act() -> None:
        email = life.people.account_of(login).email
        life.cloud.patch_account(email, AccountPatch(second_factor=kind))

    return act
