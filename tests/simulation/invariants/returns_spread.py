"""After ONVIO itself was down, an office does not ask for everybody at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from onvio_agent.contract.status import ConnectionState
from simulation.invariants import Invariant, bearer_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from onvio_agent.onvio.transport import Request
    from onvio_agent.world import Publication
    from simulation.life import Life

AT_ONCE_S = 1.0
CROWD = 4
"""Of five users, each drawn over 30 s: by chance so many ask within a second once in 150,000 returns."""
CLICK_S = 60.0
"""A person's click is exempt, also one that was made before and had to wait."""


class ReturnsSpread(Invariant):
    """Counts whose link is checked within a second of the return."""

    def concerns(self, path: str) -> bool:
        return path == "/userinfo"

    def __init__(self) -> None:
        self._returned_at = float("-inf")
        self._was_online = False
        self._user_of: dict[str, int] = {}
        self._asked: dict[int, None] = {}

    def on_boot(self, life: Life) -> None:
        self._was_online = False
        self._returned_at = float("-inf")

    def on_sealed(
        self, life: Life, tokens: Mapping[str, Any], user_id: int, generation: int
    ) -> None:
        self._user_of[tokens["access_token"]] = user_id

    def on_publication(self, life: Life, publication: Publication) -> None:
        connection = publication.world.connection
        online = connection.state is ConnectionState.ONLINE
        if online and not self._was_online:
            from_onvio = (connection.came_from or "").startswith("onvio.")
            self._returned_at = life.universe.true if from_onvio else float("-inf")
            self._asked.clear()
        self._was_online = online

    def on_sent(self, life: Life, request: Request) -> None:
        now = life.universe.true
        if request.path != "/userinfo" or now > self._returned_at + AT_ONCE_S:
            return
        user_id = self._user_of.get(bearer_of(request) or "")
        if user_id is None or life.people.acted_at > now - CLICK_S:
            return
        self._asked[user_id] = None
        if len(self._asked) >= CROWD + life.plan.users // 8:
            life.violate("not-spread", f"{len(self._asked)} links within {AT_ONCE_S} s")
