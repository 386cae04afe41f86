"""Green ⇒ an authenticated success for that user, and one for the connection, within their validity.

Judged by the network's ledger: when the request was sent whose good answer was delivered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from onvio_agent.contract.status import IconState
from onvio_agent.world import icon_of
from simulation.invariants import Invariant, icons_of

if TYPE_CHECKING:
    from onvio_agent.office.model import User
    from onvio_agent.verdict.icon import Icon
    from onvio_agent.world import Publication
    from simulation.life import Life

REFUSAL_SHOWN_S = 30.0
"""A definitive refusal must be saved before it is shown; a slow disk may take this long."""


class GreenIsProven(Invariant):
    """See the module docstring."""

    def on_publication(self, life: Life, publication: Publication) -> None:
        world, now = publication.world, publication.now.mono
        for user in publication.users:
            self._check(life, user, icon_of(world, user, now))

    def on_sample(self, life: Life, seconds: float) -> None:
        icons = icons_of(life)
        for user in life.agent.desk.hub.office.users:
            self._check(life, user, icons[user.id])

    def _check(self, life: Life, user: User, icon: Icon) -> None:
        if icon.state is not IconState.GREEN:
            return
        now, ledger, account = life.universe.true, life.ledger, user.link.account
        if account is None or not user.link.confirmed:
            life.violate("green-unlinked", user.login)
            return
        proven_at = ledger.proven_at.get(account.sub, float("-inf"))
        if now >= ledger.probed_at + 90.0:
            life.violate("green-offline", f"{user.login}, {now - ledger.probed_at:.0f} s")
        elif now >= proven_at + 900.0:
            life.violate("green-unproven", f"{user.login}, {now - proven_at:.0f} s")
        elif proven_at < ledger.refused_at.get(account.sub, proven_at) < now - REFUSAL_SHOWN_S:
            life.violate("green-refused", user.login)
