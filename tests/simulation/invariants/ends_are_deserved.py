"""A link ends only by a definitive answer of ONVIO to a request of that very link."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulation.invariants import Invariant, bearer_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from onvio_agent.onvio.transport import Request
    from onvio_agent.simulator.wire import CloudResponse
    from onvio_agent.world import Publication
    from simulation.life import Life

FRESH_S = 60.0
"""An access token that ONVIO gave so lately and refuses is not merely old."""

_Link = tuple[int, int]


class EndsAreDeserved(Invariant):
    """Neither trouble on the way, nor 5xx, nor an old access token, nor another link's answer."""

    def concerns(self, path: str) -> bool:
        return path != "/health"

    def __init__(self) -> None:
        self._link_of: dict[str, tuple[_Link, float]] = {}
        self._refused: dict[_Link, None] = {}
        self._staff: dict[_Link, None] = {}

    def on_sealed(
        self, life: Life, tokens: Mapping[str, Any], user_id: int, generation: int
    ) -> None:
        for kind in ("access_token", "refresh_token"):
            self._link_of[tokens[kind]] = ((user_id, generation), life.universe.true)

    def on_delivered(
        self, life: Life, request: Request, answer: CloudResponse, sent_at: float
    ) -> None:
        if answer.status == 200 and b'"staff"' not in answer.body:
            return
        form = dict(request.form or ())
        renewing = form.get("grant_type") == "refresh_token"
        token = form["refresh_token"] if renewing else bearer_of(request)
        link, since = self._link_of.get(token or "", (None, 0.0))
        if link is None or "json" not in answer.headers.get("content-type", ""):
            return
        if answer.status in (400, 401, 403) and (renewing or sent_at < since + FRESH_S):
            self._refused[link] = None
        elif answer.status == 200:
            self._staff[link] = None

    def on_publication(self, life: Life, publication: Publication) -> None:
        for user in publication.users:
            if user.link.ended is None:
                continue
            link = (user.id, user.link.generation)
            deserved = self._staff if user.link.ended == "manager.not_admin" else self._refused
            if user.link.ended == "vault.lost" or link not in deserved:
                life.violate("ended-for-nothing", f"{user.login}: {user.link.ended}")
