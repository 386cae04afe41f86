"""The office's icon tells the root of its troubles: never a consequence, an arrow before grey."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onvio_agent.contract.reasons import CATALOGUE
from onvio_agent.contract.status import IconState, Situation
from simulation.invariants import Invariant

if TYPE_CHECKING:
    from simulation.life import Life


class RootIsShown(Invariant):
    """Judged from the users' icons and the catalogue's data, not by the production rule."""

    sampled_each = 10

    def on_sample(self, life: Life, seconds: float) -> None:
        hub = life.agent.desk.hub
        top, icons = hub.icons(life.universe.true)
        counted = [
            icons[user.id]
            for user in hub.office.users
            if user.situation is Situation.ACTIVE and user.uses_onvio
        ]
        given = [icon for icon in counted if icon.reason is not None]
        if top.state is IconState.GREEN:
            if given or not counted:
                life.violate("root", "the office is green, somebody is not")
            return
        if top.reason not in [icon.reason for icon in given]:
            if counted and not given:
                life.violate("root", f"{top.reason} though everybody is green")
            return
        roots = [i for i in given if not any(_hides(o.reason, i.reason) for o in given)]
        if roots and top.reason not in [icon.reason for icon in roots]:
            life.violate("root", f"{top.reason} is shown, a consequence")
        elif top.state is IconState.GREY and any(i.state is IconState.PLAY for i in roots):
            life.violate("root", f"{top.reason} is shown, somebody could be helped by a click")


def _hides(root: str | None, consequence: str | None) -> bool:
    if root is None or consequence is None or root == consequence:
        return False
    return any(
        consequence == item or (item.endswith(".") and consequence.startswith(item))
        for item in CATALOGUE[root].hides
    )
