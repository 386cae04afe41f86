"""Nobody stays grey for nothing: when all has been well for a while, the icon is green."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onvio_agent.contract.status import IconState, Situation
from simulation.invariants import Invariant, icons_of
from simulation.invariants.is_silent import manager_stands
from simulation.invariants.weather import account_is_good

if TYPE_CHECKING:
    from onvio_agent.office.model import Office, User
    from simulation.life import Life

WITHIN_S = 180.0
"""A probe after at most 30 s, a check that is spread over 30 s and waits 30 s, twice."""


class ComesBack(Invariant):
    """All is well, the account is good and its session lives, and the link was not ended."""

    def __init__(self) -> None:
        self._grey_since: dict[int, float] = {}
        self._looked_at = float("-inf")

    def on_boot(self, life: Life) -> None:
        self._grey_since.clear()

    def on_sample(self, life: Life, seconds: float) -> None:
        hub, awake = life.agent.desk.hub, life.universe.loop_time()
        well, office, icons = life.weather.is_well(life), hub.office, icons_of(life)
        if life.weather.troubled_at >= self._looked_at:
            self._grey_since.clear()
        self._looked_at = life.universe.true
        for user in office.users:
            icon = icons[user.id]
            green = icon.state is IconState.GREEN
            if green or not well or not _may_be_green(life, office, user):
                self._grey_since.pop(user.id, None)
            elif awake > self._grey_since.setdefault(user.id, awake) + WITHIN_S:
                life.violate("stays-grey", f"{user.login} {icon.reason}")


def _may_be_green(life: Life, office: Office, user: User) -> bool:
    link = user.link
    if user.situation is Situation.INACTIVE or not link.confirmed or link.ended is not None:
        return False
    return manager_stands(office) and account_is_good(life, office, user)
