"""Every token of a link that is no more, or never came to be, is revoked at the cloud in the end (S8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from onvio_agent.contract.status import Situation
from simulation.invariants import Invariant, database_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from onvio_agent.onvio.transport import Request
    from onvio_agent.simulator.wire import CloudResponse
    from simulation.life import Life


WAITING = "SELECT 1 FROM revocations LIMIT 1"
UNDER_WAY_S = 300.0
"""One transaction ends a token's use and queues it; this is for a slow disk behind which it is told."""


class RevokedInTheEnd(Invariant):
    """After the calm only the current token of each current link may still live; and at any time only
    those of the active users, where nothing waits to be revoked.

    A sign-in that was killed between the cloud's answer and the first commit is nobody's: its
    tokens were never in the store, so they cannot be revoked and are not counted. Nor are those of
    which the agent has said that they are lost, since neither disk nor network took them.
    """

    sampled_each = 2

    def concerns(self, path: str) -> bool:
        return path == "/oauth/token"

    def __init__(self) -> None:
        self._delivered: dict[str, None] = {}
        self._lost: dict[int, None] = {}
        self._left: dict[str, float] = {}  # tokens that nobody will revoke, and since when

    def on_boot(self, life: Life) -> None:
        self._delivered.clear()
        self._left.clear()

    def on_delivered(
        self, life: Life, request: Request, answer: CloudResponse, sent_at: float
    ) -> None:
        is_json = "json" in answer.headers.get("content-type", "")
        if request.path == "/oauth/token" and answer.status == 200 and is_json:
            token = msgspec.json.decode(answer.body).get("refresh_token")
            if token is not None:
                self._delivered[token] = None

    def on_log(self, life: Life, event: str, keys: Mapping[str, Any]) -> None:
        if event == "revocation.lost":
            self._lost[keys.get("user_id", 0)] = None

    def on_sample(self, life: Life, seconds: float) -> None:
        desk, ledger = life.agent.desk, life.ledger
        if self._lost or desk.unsaved or database_of(life).execute(WAITING).fetchone():
            self._left.clear()
            return
        now, left = life.universe.loop_time(), self._left
        known, self._left = dict.fromkeys(ledger.current.values()), {}
        current = {
            ledger.current.get(user.id): None
            for user in desk.hub.office.users
            if user.situation is Situation.ACTIVE
        }
        for family in life.cloud.world.tokens.state.families.values():
            token = family.current
            if token not in current and (token in known or token in ledger.spent):
                self._left[token] = left.get(token, now)
                if now > self._left[token] + UNDER_WAY_S:
                    life.violate("not-revoked", f"a token of {family.sub}, and nobody means to")

    def at_end(self, life: Life) -> None:
        if life.agent is None:
            return
        ledger = life.ledger
        current: dict[str, None] = {}
        for user in life.agent.desk.hub.office.users:
            if user.link.account is not None and user.link.ended is None:
                current[ledger.current.get(user.id, "")] = None
        known = {**ledger.spent, **dict.fromkeys(ledger.current.values())}
        if not self._lost:
            known.update(self._delivered)
        for family in life.cloud.world.tokens.state.families.values():
            if family.current not in current and family.current in known:
                life.violate("not-revoked", f"a token of {family.sub}")
                return
