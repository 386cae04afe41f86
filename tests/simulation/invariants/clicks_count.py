"""A click does what it says: it ends a pause, and an end that ONVIO has taken back is taken back here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from onvio_agent.contract.status import IntentState
from simulation.invariants import Invariant
from simulation.invariants.weather import account_is_good

if TYPE_CHECKING:
    from collections.abc import Mapping

    from onvio_agent.office.model import User
    from simulation.life import Life

LIFTED = ("link.account_disabled", "manager.not_admin")
"""Ends that need no new sign-in once the account is good again (docs/rules.md)."""
_Ended = tuple[int, int, str | None]


class ClicksCount(Invariant):
    """Judged when the click is over: nothing failed meanwhile, and all is well."""

    def __init__(self) -> None:
        self._troubled_at = float("-inf")
        self._mended: dict[int, list[_Ended]] = {}

    def on_boot(self, life: Life) -> None:
        self._mended.clear()

    def on_log(self, life: Life, event: str, keys: Mapping[str, Any]) -> None:
        if event in ("task.crashed", "check.failed"):
            self._troubled_at = life.universe.true

    def on_click(self, life: Life, number: int, login: str | None) -> None:
        office = life.agent.desk.hub.office
        self._mended[number] = [
            _ended(user)
            for user in office.users
            if login in (None, user.login)
            and user.link.ended in LIFTED
            and account_is_good(life, office, user)
        ]

    def on_clicked(self, life: Life, number: int, began_at: float, paused_since: bool) -> None:
        mended, hub = self._mended.pop(number, []), life.agent.desk.hub
        if hub.intent.state is IntentState.PAUSED and not paused_since:
            life.violate("click-in-vain", "still paused")
        troubled_at = max(self._troubled_at, life.weather.troubled_at)
        if troubled_at >= began_at or not life.weather.is_well(life):
            return
        for user in hub.office.users:
            # It may have found the Gerente ended, who then holds the others.
            if _ended(user) in mended and account_is_good(life, hub.office, user):
                life.violate("click-in-vain", f"{user.login}: {user.link.ended}")


def _ended(user: User) -> _Ended:
    return user.id, user.link.generation, user.link.ended
