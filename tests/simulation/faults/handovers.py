"""A mailbox goes to somebody else while its holder cannot sign in; the holder's user is closed later (S13)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onvio_agent.simulator.accounts import AccountPatch
from simulation.faults.accounts import mend
from simulation.faults.times import poisson, span_s

if TYPE_CHECKING:
    from simulation.life import Life


def plan(life: Life) -> None:
    """Some two a day; the user is closed minutes or hours after the mailbox has gone over."""
    rng = life.universe.named("fault.handovers")
    for number, when in enumerate(poisson(rng, 12 * 3600, life.end_s)):
        if len(life.people.logins) < 3:
            return
        holder, heir = rng.sample(life.people.logins[1:], 2)
        closed_at = when + span_s(rng, 600, 3 * 3600)
        life.happen(when, f"mailbox of {holder} to {heir}", _give(life, holder, heir, number))
        life.happen(closed_at, f"close {holder}", lambda h=holder: life.people.inactivate(h))
        life.universe.at(closed_at + 600, f"account mended {holder}", mend(life, holder))


def _give(life: Life, holder: str, heir: str, number: int):  # type: ignore[no-untyped-def]
    def give() -> None:
        accounts = life.people.account_of
        mailbox = accounts(holder).email
        fresh = f"saiu{number}@escritorio.example"
        life.cloud.patch_account(mailbox, AccountPatch(email=fresh, state="disabled"))
        life.cloud.patch_account(accounts(heir).email, AccountPatch(email=mailbox))

    return give
