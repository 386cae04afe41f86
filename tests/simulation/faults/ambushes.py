"""What happens in the very moment in which a request is under way: to it, to its user, to the agent.

Armed for the next request of a kind. The request may be made to straggle, so that the world has moved
on when its answer comes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulation.faults.times import poisson, span_s
from simulation.invariants import bearer_of

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from onvio_agent.onvio.transport import Request
    from simulation.life import Life

PREY = ("refresh_token", "refresh_token", "password", "/userinfo", "/userinfo", "/client/info",
        "/oauth/revoke", "/oauth/revoke")  # fmt: skip
"""Grants and ends of paths; what is rare and delicate is hunted as often as what is not."""
ACTS = ("kill", "cut", "end", "relink", "inactivate", "anew", "promote", "click")
STRAGGLES_S = 8.0
"""Within the ten seconds that a call may take."""


def plan(life: Life) -> None:
    """Some twelve a day are armed."""
    rng = life.universe.named("fault.ambushes")
    for when in poisson(rng, 2 * 3600, life.end_s):
        prey, act = rng.choice(PREY), rng.choice(ACTS)
        straggles_s = span_s(rng, 0.1, STRAGGLES_S) if rng.random() < 0.7 else 0.0
        after_s = rng.random() * straggles_s
        ambush = _ambush(life, rng, prey, _act(life, act, after_s), straggles_s)
        life.happen(when, f"ambush {act} {prey}", lambda a=ambush: life.ledger.ambushes.append(a))


def _ambush(
    life: Life,
    rng: random.Random,
    prey: str,
    act: Callable[[Request, str], None],
    straggles_s: float,
) -> Callable[[Request], bool]:
    anybody = rng.choice(life.people.logins)

    def strikes(request: Request) -> bool:
        grant = dict(request.form or ()).get("grant_type", "")
        if life.is_calm or not (grant == prey or request.path.endswith(prey)):
            return False
        life.wire.straggle_s = straggles_s
        login = _whose(life, request) or anybody
        life.universe.note(f"ambush of {prey} of {login}, late by {straggles_s:.1f} s")
        act(request, login)
        return True

    return strikes


def _whose(life: Life, request: Request) -> str | None:
    form = dict(request.form or ())
    token = bearer_of(request) or form.get("refresh_token") or form.get("token") or ""
    sub = life.ledger.sub_of.get(token)
    office = life.agent.desk.hub.office if life.agent is not None else None
    for user in office.users if office is not None else ():
        account = user.link.account
        if account is not None and account.sub == sub:
            return user.login
    return None


def _act(life: Life, kind: str, after_s: float) -> Callable[[Request, str], None]:
    people, universe = life.people, life.universe

    def soon(name: str, happen: Callable[[], None]) -> None:
        universe.at(universe.true + after_s, name, happen)

    def act(request: Request, login: str) -> None:
        match kind:
            case "kill" if life.plan.kills:
                life.ask_kill("in ambush")
            case "cut":
                life.wire.set("before" if after_s else "refuse", (request.target,))
                universe.at(universe.true + 20.0, "wire ok", lambda: life.wire.set("ok"))
            case "end":
                life.cloud.revoke(people.account_of(login).email)
                soon(f"link {login}", lambda: people.link_one(login))
            case "relink":
                soon(f"link {login}", lambda: people.link_one(login))
            case "inactivate":
                soon(f"inactivate {login}", lambda: people.inactivate(login))
            case "anew":
                soon(f"anew {login}", lambda: people.link_anew(login))
            case "promote":
                people.make_administrator(login)
                soon(f"promote {login}", lambda: people.promote(login))
            case "click":
                soon("click", people.click)

    return act
