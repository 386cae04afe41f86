"""Nobody but the Gerente is connected while his link has definitively ended (S2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onvio_agent.contract.status import IconState, Role, Situation
from onvio_agent.world import icon_of
from simulation.invariants import Invariant

if TYPE_CHECKING:
    from collections.abc import Iterable

    from onvio_agent.office.model import Office, User
    from onvio_agent.world import Publication, World
    from simulation.life import Life


class ManagerRule(Invariant):
    """Judged by the committed office alone, not by the production rule."""

    def __init__(self) -> None:
        self._office: Office | None = None
        self._stands = False

    def on_publication(self, life: Life, publication: Publication) -> None:
        self._check(life, publication.world, publication.users)

    def on_sample(self, life: Life, seconds: float) -> None:
        world = life.agent.desk.hub.world
        self._check(life, world, world.office.users)

    def _check(self, life: Life, world: World, users: Iterable[User]) -> None:
        if world.office is not self._office:
            self._office = world.office
            self._look(life, world.office)
        if self._stands:
            return
        for user in users:
            if icon_of(world, user, life.universe.true).state is IconState.GREEN:
                life.violate("manager-rule", f"{user.login} is green without the Gerente")

    def _look(self, life: Life, office: Office) -> None:
        managers = [
            user
            for user in office.users
            if user.role is Role.MANAGER and user.situation is Situation.ACTIVE
        ]
        if len(managers) != 1:
            life.violate("one-manager", f"{len(managers)} active")
        link = managers[0].link if managers else None
        self._stands = (
            link is not None and link.account is not None and link.confirmed and link.ended is None
        )
