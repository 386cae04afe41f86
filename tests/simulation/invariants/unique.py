"""One active user per e-mail and per person (S9), and no tokens of a dead generation."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from simulation.invariants import Invariant

if TYPE_CHECKING:
    from onvio_agent.office.model import Office
    from onvio_agent.world import Publication
    from simulation.life import Life

STALE_TOKENS = (
    "SELECT count(*) FROM tokens t JOIN links l ON l.user_id = t.user_id"
    " WHERE t.generation <> l.generation"
)


class Unique(Invariant):
    """Looked at whenever the office has changed."""

    def __init__(self) -> None:
        self._seen: Office | None = None

    def on_publication(self, life: Life, publication: Publication) -> None:
        office = publication.world.office
        if office is self._seen:
            return
        self._seen = office
        emails: dict[str, str] = {}
        subs: dict[str, str] = {}
        for user in office.users:
            account = user.link.account
            if account is None:
                continue
            for key, holders in (
                (unicodedata.normalize("NFC", account.email).casefold(), emails),
                (account.sub, subs),
            ):
                if holders.setdefault(key, user.login) != user.login:
                    life.violate("unique", f"{user.login} and {holders[key]} share an account")

    def on_sample(self, life: Life, seconds: float) -> None:
        if life.universe.fired % 10 == 0:
            connection = life.agent.desk.store._database._connection  # type: ignore[attr-defined]
            if connection.execute(STALE_TOKENS).fetchone()[0]:
                life.violate("dead-generation", "holds tokens")
