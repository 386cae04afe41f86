"""Passwords that were just reset and accounts that were just activated: refused for some minutes (S12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onvio_agent.simulator.accounts import AccountPatch
from simulation.faults.accounts import mend
from simulation.faults.times import poisson, span_s

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulation.life import Life

IMPATIENT_S = 30.0
"""Until they sign in again, whom the page has told to wait some minutes."""


def plan(life: Life) -> None:
    """Some three a day."""
    rng = life.universe.named("fault.resets")
    for when in poisson(rng, 8 * 3600, life.end_s):
        login, state = rng.choice(life.people.logins), rng.choice(("reset", "new"))
        life.happen(when, f"account {state} {login}", _act(life, login, state))
        life.universe.at(when + span_s(rng, 600, 6 * 3600), f"mended {login}", mend(life, login))


def _act(life: Life, login: str, state: str) -> Callable[[], None]:
    def act() -> None:
        email = life.people.account_of(login).email
        life.cloud.revoke(
            email
        )  # whoever has no password yet, or another one, is signed in nowhere
        life.cloud.patch_account(email, AccountPatch(state=state))
        soon = life.universe.true + IMPATIENT_S
        life.universe.at(soon, f"link {login}", lambda: life.people.link_one(login))

    return act
