"""Every token of a link that is no more is revoked at the cloud in the end (S8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulation.invariants import Invariant

if TYPE_CHECKING:
    from simulation.life import Life


class RevokedInTheEnd(Invariant):
    """After the calm only the current token of each current link may still live.

    A sign-in that was killed between the cloud's answer and the first commit is nobody's: its
    tokens were never in the store, so they cannot be revoked and are not counted.
    """

    def at_end(self, life: Life) -> None:
        ledger = life.ledger
        known = {**ledger.spent}
        current = {}
        for user in life.agent.desk.hub.office.users:
            if user.link.account is not None and user.link.ended is None:
                current[ledger.current.get(user.id, "")] = None
        for token in ledger.current.values():
            if token not in current:
                known[token] = None
        for family in life.cloud.world.tokens.state.families.values():
            if family.current not in current and family.current in known:
                life.violate("not-revoked", f"a token of {family.sub}")
                return
