"""No access token is used that is older than an hour, so that an end at ONVIO shows within it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from simulation.deliveries import is_delivery
from simulation.invariants import Invariant, bearer_of

if TYPE_CHECKING:
    from onvio_agent.onvio.transport import Request
    from onvio_agent.simulator.wire import CloudResponse
    from simulation.life import Life

LATE_S = 30.0
"""One check may ask twice with a token that was young enough when it began; sleep in it counts not."""


class UsesYoungTokens(Invariant):
    """Age is true time since the sending of what ONVIO answered with the token."""

    def concerns(self, path: str) -> bool:
        return path != "/health"

    def __init__(self) -> None:
        self._asked_at: dict[str, float] = {}
        self._young_at: dict[str, float] = {}  # on the clock that stands still in sleep

    def on_delivered(
        self, life: Life, request: Request, answer: CloudResponse, sent_at: float
    ) -> None:
        is_json = "json" in answer.headers.get("content-type", "")
        if request.path == "/oauth/token" and answer.status == 200 and is_json:
            self._asked_at[msgspec.json.decode(answer.body)["access_token"]] = sent_at

    def on_sent(self, life: Life, request: Request) -> None:
        token, awake = bearer_of(request) or "", life.universe.loop_time()
        asked_at = self._asked_at.get(token)
        if asked_at is None or is_delivery(request):  # a program is nobody whose session may end
            return
        age_s = life.universe.true - asked_at
        if age_s <= life.settings.links.refresh_after_s:
            self._young_at[token] = awake
        elif awake > self._young_at.get(token, 0.0) + LATE_S:
            life.violate("old-token", f"{request.path} with one of {age_s:.0f} s")
