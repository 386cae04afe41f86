"""One refresher at a time for each link, and none that asks again with what it has spent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from simulation.invariants import Invariant

if TYPE_CHECKING:
    from onvio_agent.onvio.transport import Request
    from onvio_agent.simulator.wire import CloudResponse
    from simulation.life import Life


class SpendsOnce(Invariant):
    """Within one process. After a kill the stored token may come again: the answer was lost."""

    def concerns(self, path: str) -> bool:
        return path == "/oauth/token"

    def __init__(self) -> None:
        self._flying: dict[str, Request] = {}
        self._exchanged: dict[str, None] = {}

    def on_boot(self, life: Life) -> None:
        self._flying.clear()
        self._exchanged.clear()

    def on_sent(self, life: Life, request: Request) -> None:
        token = _presented(request)
        if token is None:
            return
        if token in self._flying:
            life.violate("two-refreshers", "of one link at the same time")
        if token in self._exchanged:
            life.violate("presented-again", "a token whose successor was delivered")
        self._flying[token] = request

    def on_delivered(
        self, life: Life, request: Request, answer: CloudResponse, sent_at: float
    ) -> None:
        token = _presented(request)
        if token is None or answer.status != 200:
            return
        if "json" in answer.headers.get("content-type", ""):
            given = msgspec.json.decode(answer.body)
            if given.get("refresh_token", token) != token:
                self._exchanged[token] = None

    def on_over(self, life: Life, request: Request) -> None:
        token = _presented(request)
        if token is not None and self._flying.get(token) is request:
            del self._flying[token]


def _presented(request: Request) -> str | None:
    form = dict(request.form or ())
    return form["refresh_token"] if form.get("grant_type") == "refresh_token" else None
