"""The portal is confirmed only by a sign-in of the very person who is linked (S6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from simulation.invariants import Invariant
from simulation.invariants.asks_people_once import is_sign_in

if TYPE_CHECKING:
    from onvio_agent.onvio.transport import Request
    from onvio_agent.simulator.wire import CloudResponse
    from onvio_agent.world import Publication
    from simulation.life import Life


class ConfirmedInPerson(Invariant):
    """A sign-in without a lasting token is a confirmation. Linking anew with the same person keeps
    it; another person, or no link in between, drops it."""

    def concerns(self, path: str) -> bool:
        return path == "/oauth/token"

    def __init__(self) -> None:
        self._linked: dict[int, tuple[str, float]] = {}
        self._confirmed_at: dict[str, float] = {}

    def on_delivered(
        self, life: Life, request: Request, answer: CloudResponse, sent_at: float
    ) -> None:
        form = dict(request.form or ())
        if answer.status != 200 or "json" not in answer.headers.get("content-type", ""):
            return
        if is_sign_in(form.get("grant_type", "")):
            given = msgspec.json.decode(answer.body)
            if "refresh_token" not in given:
                self._confirmed_at[life.ledger.sub_of[given["access_token"]]] = life.universe.true

    def on_publication(self, life: Life, publication: Publication) -> None:
        for user in publication.users:
            account = user.link.account
            if account is None:
                self._linked.pop(user.id, None)
                continue
            sub, since = self._linked.get(user.id, ("", 0.0))
            if sub != account.sub:
                sub, since = self._linked[user.id] = (account.sub, life.universe.true)
            if user.link.confirmed and self._confirmed_at.get(sub, -1.0) < since:
                life.violate("unconfirmed", f"{user.login} counts as confirmed for {sub}")
