"""Two people leave at once, and ONVIO cannot be told of both together: each has a session to be ended (S8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulation.faults.times import poisson

if TYPE_CHECKING:
    from onvio_agent.onvio.transport import Request
    from simulation.life import Life

CUT_S = 20.0
PASSES = 2


def plan(life: Life) -> None:
    """Some two a day."""
    rng = life.universe.named("fault.leavers")
    for when in poisson(rng, 12 * 3600, life.end_s):
        leaving = rng.sample(life.people.logins[1:], min(2, len(life.people.logins) - 1))
        life.happen(when, f"leave {leaving}", lambda who=leaving: _leave(life, who))


def _leave(life: Life, logins: list[str]) -> None:
    universe, asked = life.universe, 0

    def cut(request: Request) -> bool:
        """The first request, and the one after the first that passes."""
        nonlocal asked
        if request.path != "/oauth/revoke" or life.wire.modes["auth"] != "ok":
            return False
        asked += 1
        if asked != PASSES and not life.is_calm:
            life.wire.set("refuse", ("auth",))
            universe.at(universe.true + CUT_S, "wire ok", lambda: life.wire.set("ok"))
        return asked > PASSES or life.is_calm

    life.ledger.ambushes.append(cut)
    for login in logins:
        life.people.inactivate(login)
