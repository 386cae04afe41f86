"""Lie time: seconds of green while the cloud would refuse, beyond the verdict's time. Must be 0."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from onvio_agent.contract.status import IconState
from onvio_agent.world import icon_of
from simulation.invariants import Invariant
from simulation.invariants.is_silent import is_manager

if TYPE_CHECKING:
    from onvio_agent.onvio.transport import Request
    from onvio_agent.simulator.wire import CloudResponse
    from simulation.life import Life

VALID_S = 900.0
CHECK_S = 330.0
REFRESH_S = 3600.0 + CHECK_S  # and one interval until the check that finds the token old


class TellsTheTruth(Invariant):
    """The cloud's own truth is asked: is the account good, does a session of it live?

    A revoked refresh token shows once the access token is renewed: within the hour and one
    interval. The Gerente must be an administrator (S3).
    """

    def __init__(self) -> None:
        self._bad_since: dict[str, float] = {}

    def concerns(self, path: str) -> bool:
        return path == "/oauth/token"

    def on_delivered(
        self, life: Life, request: Request, answer: CloudResponse, sent_at: float
    ) -> None:
        """A session was just given or renewed: all was well, be it only between two samples."""
        if answer.status == 200 and "json" in answer.headers.get("content-type", ""):
            given = msgspec.json.decode(answer.body)
            self._bad_since.pop(life.ledger.sub_of.get(given["access_token"], ""), None)

    def on_sample(self, life: Life, seconds: float) -> None:
        hub = life.agent.desk.hub
        now = life.universe.true
        world = life.cloud.world
        families: dict[str, None] = {}
        for family in world.tokens.state.families.values():
            families[family.sub] = None
        for user in hub.office.users:
            account = user.link.account
            if account is None:
                continue
            truth = world.accounts.by_sub(account.sub)
            good = truth is not None and truth.state != "disabled" and account.sub in families
            late_s = VALID_S + REFRESH_S
            if is_manager(user) and truth is not None and truth.role == "staff":
                good, late_s = False, VALID_S + CHECK_S
            if good:
                self._bad_since.pop(account.sub, None)
                continue
            since = self._bad_since.setdefault(account.sub, now)
            green = icon_of(hub.world, user, now).state is IconState.GREEN
            if green and now - since > late_s + seconds:
                life.lie_s += seconds
                life.violate("lie", f"{user.login} green {now - since:.0f} s after the end")
