"""Accounts at ONVIO: revoked, disabled, renamed, e-mails changed and swapped, demoted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from onvio_agent.simulator.accounts import AccountPatch
from simulation.faults.times import poisson, span_s

if TYPE_CHECKING:
    from simulation.life import Life

GERENTE = "the Gerente"
"""Whoever that is when it happens."""

KINDS = (
    "revoke",
    "revoke-refresh",
    "disable",
    "rename",
    "email",
    "swap",
    "demote",
    "case",
)


def plan(life: Life) -> None:
    """Some four a day for an office of five."""
    rng = life.universe.named("fault.accounts")
    for number, when in enumerate(poisson(rng, 5.5 * 3600, life.end_s)):
        kind, login = rng.choice(KINDS), rng.choice(life.people.logins)
        if kind == "demote" and rng.random() < 0.7:
            login = GERENTE  # as a rule: nobody else's role matters
        other = rng.choice(life.people.logins)
        life.happen(when, f"account {kind} {login}", _act(life, kind, login, other, number))
        if kind in ("disable", "demote"):
            back = when + span_s(rng, 60, 6 * 3600)
            life.universe.at(back, f"account mended {login}", mend(life, login))


def _act(life: Life, kind: str, login: str, other: str, number: int):  # type: ignore[no-untyped-def]
    def act() -> None:
        cloud = life.cloud
        account = _account(life, login)
        match kind:
            case "revoke":
                cloud.revoke(account.email)
            case "revoke-refresh":
                cloud.revoke(account.email, only="refresh")
            case "disable":
                cloud.patch_account(account.email, AccountPatch(state="disabled"))
            case "rename":
                cloud.patch_account(account.email, AccountPatch(name=f"Nome {number}"))
            case "email":
                fresh = f"novo{number}@escritorio.example"
                cloud.patch_account(account.email, AccountPatch(email=fresh))
            case "case":
                cloud.patch_account(account.email, AccountPatch(email=account.email.swapcase()))
            case "swap" if other != login:
                mine, theirs = account.email, life.people.account_of(other).email
                if number % 2:  # typed anew, with other capitals
                    mine, theirs = mine.swapcase(), theirs.swapcase()
                cloud.patch_account(mine, AccountPatch(email="troca@escritorio.example"))
                cloud.patch_account(theirs, AccountPatch(email=mine))
                cloud.patch_account("troca@escritorio.example", AccountPatch(email=theirs))
            case "demote":
                cloud.patch_account(account.email, AccountPatch(role="staff"))

    return act


def _account(life: Life, login: str) -> Any:
    people = life.people
    managers = [each for each in people.logins if login == GERENTE and people._is_manager(each)]
    return people.account_of(next(iter(managers), "u0" if login == GERENTE else login))


def mend(life: Life, login: str):  # type: ignore[no-untyped-def]
    """The administrator of the office at ONVIO sees to it that the account is good again."""

    def mend() -> None:
        account = _account(life, login)
        manages = login == GERENTE or life.people._is_manager(login)
        role = "administrator" if manages else account.role
        life.cloud.patch_account(account.email, AccountPatch(state="active", role=role))

    return mend
