"""Once all is well, everything is green within a bound, and people are known as ONVIO knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onvio_agent.contract.status import IconState
from simulation.invariants import Invariant

if TYPE_CHECKING:
    from simulation.life import Life


class Converges(Invariant):
    """After hours of calm, in which people did what their icons asked, every icon is green."""

    def at_end(self, life: Life) -> None:
        if life.agent is None:
            life.violate("converges", "the agent does not run")
            return
        _top, icons = life.agent.desk.hub.icons(life.universe.true)
        for user in life.agent.desk.hub.office.users:
            if icons[user.id].state is not IconState.GREEN:
                life.violate("converges", f"{user.login} is {icons[user.id].reason}")
                continue
            account = user.link.account
            truth = life.cloud.world.accounts.by_sub(account.sub)
            if (account.email, account.name) != (truth.email, truth.name):
                life.violate("converges", f"{user.login} is not known as {truth.email} (S13)")
