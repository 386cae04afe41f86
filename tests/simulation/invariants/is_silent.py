"""Nothing is asked by itself while somebody has paused, nor for who must wait for the Gerente."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from onvio_agent.contract.status import IntentState, Role, Situation
from simulation.invariants import Invariant, bearer_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from onvio_agent.office.model import Office
    from onvio_agent.onvio.transport import Request
    from onvio_agent.world import Publication, World
    from simulation.life import Life

UNDER_WAY_S = 120.0
"""What had begun before goes on: twice four calls of 10 s on a slow disk, and more in a crowd."""
PER_USER_S = 10.0


class IsSilent(Invariant):
    """Probes and link checks are judged. What a person does meanwhile (a promotion asks for the
    account's role, a sign-in for the password) uses other requests."""

    def __init__(self) -> None:
        self._paused_at = self._held_at = float("inf")
        self._office: object = None
        self._intent: object = None
        self._user_of: dict[str, int] = {}

    def concerns(self, path: str) -> bool:
        return path in ("/health", "/userinfo")

    def on_boot(self, life: Life) -> None:
        self._paused_at = self._held_at = float("inf")
        self._office = self._intent = None

    def on_sealed(
        self, life: Life, tokens: Mapping[str, Any], user_id: int, generation: int
    ) -> None:
        self._user_of[tokens["access_token"]] = user_id

    def on_publication(self, life: Life, publication: Publication) -> None:
        self._look(life, publication.world)

    def _look(self, life: Life, world: World) -> None:
        if world.office is self._office and world.intent is self._intent:
            return
        self._office, self._intent = world.office, world.intent
        now = life.universe.true
        paused = world.intent.state is IntentState.PAUSED
        self._paused_at = min(self._paused_at, now) if paused else float("inf")
        held = not manager_stands(world.office)
        self._held_at = min(self._held_at, now) if held else float("inf")

    def on_sent(self, life: Life, request: Request) -> None:
        user_id = None
        if request.path == "/userinfo":
            user_id = self._user_of.get(bearer_of(request) or "")
            if user_id is None:
                return
        patience_s = UNDER_WAY_S + PER_USER_S * life.plan.users
        quiet_since = life.universe.true - patience_s
        if self._paused_at < quiet_since:
            life.violate("not-paused", request.path)
        if user_id is not None and self._held_at < quiet_since:
            user = life.agent.desk.hub.office.by_id(user_id) if life.agent else None
            if user is not None and not is_manager(user):
                life.violate("not-held", f"{user.login} is checked without the Gerente")


def is_manager(user: Any) -> bool:
    """The active Gerente, by what is committed."""
    return user.role is Role.MANAGER and user.situation is Situation.ACTIVE


def manager_stands(office: Office) -> bool:
    """Whether there is one Gerente whose link has not definitively ended (S2)."""
    managers = [user for user in office.users if is_manager(user)]
    if len(managers) != 1:
        return False
    link = managers[0].link
    return link.account is not None and link.confirmed and link.ended is None
