"""Of somebody who was erased nothing is left, in the store or in memory, whatever was under way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from onvio_agent.store.person import OF_PERSON
from simulation.invariants import Invariant, database_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from onvio_agent.world import Publication
    from simulation.life import Life

UNDER_WAY_S = 600.0
"""What had begun before the end: a sign-in whose codes are being typed, on a slow disk."""


class ErasedForGood(Invariant):
    """Except for tokens that ONVIO has yet to be told of: these wait, sealed, with the bare number."""

    def __init__(self) -> None:
        self._login_of: dict[int, str] = {}
        self._erased_at: dict[int, float] = {}

    def on_publication(self, life: Life, publication: Publication) -> None:
        for user in publication.users:
            self._login_of[user.id] = user.login

    def on_log(self, life: Life, event: str, keys: Mapping[str, Any]) -> None:
        if event == "user.erased":
            self._erased_at[keys["user_id"]] = life.universe.loop_time()

    def on_sample(self, life: Life, seconds: float) -> None:
        if not self._erased_at:
            return
        desk, awake = life.agent.desk, life.universe.loop_time()
        kept = (desk.hub.world.links, desk.hub._noticed.icons, desk.cached, desk.unsaved)
        for user_id, since in list(self._erased_at.items()):
            if awake < since + UNDER_WAY_S:
                continue
            if any(user_id in each for each in kept):
                life.violate("not-erased", f"memory holds user {user_id}")
            self._look_into_store(life, user_id)
            del self._erased_at[user_id]

    def _look_into_store(self, life: Life, user_id: int) -> None:
        login = self._login_of[user_id]
        is_back = life.agent.desk.hub.office.find(login) is not None
        for table, rows in OF_PERSON.items():
            if table == "revocations" or (table == "history" and is_back):
                continue
            if database_of(life).execute(rows, {"id": user_id, "login": login}).fetchone():
                life.violate("not-erased", f"{table} holds {login}")
