"""Browsers that came in by a one-time link, and what is kept of each between two requests.

In memory only, gone with the agent. A visit is named by a cookie; its form token shows that a form
came from one of our pages.
"""

from __future__ import annotations

import hmac

import msgspec

from onvio_agent.api.tickets import digest
from onvio_agent.chance import Entropy, new_token
from onvio_agent.clock import Clock
from onvio_agent.panel.next_steps import NextStep

VISIT_IDLE_S = 12 * 3600.0
"""A browser that nobody has used for a working day must be let in anew."""

VISITS_MAX = 32
"""More browsers than one workstation has; the oldest goes."""


class Notice(msgspec.Struct, frozen=True):
    """A sentence at the top of the next page, with what to do next. `reason`: its code, if it has one."""

    text: str
    step: NextStep
    refused: bool = False
    reason: str = ""


class Visit(msgspec.Struct, kw_only=True):
    """One browser. `session`: the Gerente's, while he is signed in here.

    `notices` and `kept` (what was typed, never a secret) are for the next page. `dialogues`: sign-ins
    of more than one step that were begun here, by purpose and login. `upload`: a list of users that was
    looked at and not imported yet.
    """

    form_token: str
    ends_at: float
    session: str | None = None
    notices: list[Notice] = []
    kept: dict[str, str] = {}
    dialogues: dict[str, str] = {}
    upload: bytes | None = None

    def __repr__(self) -> str:
        return "<Visit>"

    def admits(self, form_token: str) -> bool:
        """Whether that is the token of this visit's own forms."""
        return hmac.compare_digest(form_token.encode(), self.form_token.encode())


class Visits:
    """Open visits by the hash of their cookie."""

    def __init__(self, clock: Clock, entropy: Entropy) -> None:
        self._clock = clock
        self._entropy = entropy
        self._open: dict[str, Visit] = {}

    def begin(self) -> str:
        """A new visit; its cookie's value."""
        name = new_token(self._entropy)
        for oldest in list(self._open)[: max(0, len(self._open) - VISITS_MAX + 1)]:
            del self._open[oldest]
        self._open[digest(name)] = Visit(form_token=new_token(self._entropy), ends_at=self._end())
        return name

    def find(self, name: str) -> Visit | None:
        """The open visit of that cookie; its idle time starts anew."""
        visit = self._open.get(digest(name))
        if visit is None or visit.ends_at <= self._clock.mono():
            self._open.pop(digest(name), None)
            return None
        visit.ends_at = self._end()
        return visit

    def _end(self) -> float:
        return self._clock.mono() + VISIT_IDLE_S
