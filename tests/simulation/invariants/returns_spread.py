"""After ONVIO itself was down, an agent puts its return off: else a whole country asks at once."""

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
OVERDUE_S = 330.0
"""The longest time from one check of a link to the next: others are asked for at their own time."""
IN_A_ROW = 4
"""A return comes at one instant, drawn over 30 s: by chance so often within a second once in 810,000."""
CLICK_S = 60.0
"""A person's click is exempt, also one that was made before and had to wait."""


class ReturnsSpread(Invariant):
    """Counts the returns in a row at which the first overdue link was checked within a second."""

    def concerns(self, path: str) -> bool:
        return path == "/userinfo"

    def __init__(self) -> None:
        self._returned_at = float("-inf")  # of a return that is not judged yet
        self._was_online = False
        self._user_of: dict[str, int] = {}
        self._asked_at: dict[int, float] = {}
        self._in_a_row = 0

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
        self._was_online = online

    def on_sent(self, life: Life, request: Request) -> None:
        user_id = self._user_of.get(bearer_of(request) or "")
        if request.path != "/userinfo" or user_id is None:
            return
        now = life.universe.true
        last_at, self._asked_at[user_id] = self._asked_at.get(user_id, now), now
        if last_at > self._returned_at - OVERDUE_S:
            return
        took_s, self._returned_at = now - self._returned_at, float("-inf")
        if life.people.acted_at > now - CLICK_S:
            return
        self._in_a_row = self._in_a_row + 1 if took_s <= AT_ONCE_S else 0
        if self._in_a_row == IN_A_ROW:
            life.violate("not-spread", f"{IN_A_ROW} returns in a row within {AT_ONCE_S} s")
