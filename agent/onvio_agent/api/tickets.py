"""One-time links into the panel: who could ask the control API for one may open it in a browser.

A ticket is good once and for half a minute, so that a browser's history or a look at the screen gives
nobody anything. Only its hash is kept.
"""

from __future__ import annotations

import hashlib

from onvio_agent.chance import Entropy, new_token
from onvio_agent.clock import Clock

TICKET_S = 30.0
"""A browser that must still be started takes some seconds; a person who copies the link, some more."""

OPEN_MAX = 16
"""Tickets that may wait at once: more than anybody has browsers."""


class Tickets:
    """`base`: the panel's path in this run of the agent, which nobody can guess."""

    def __init__(self, clock: Clock, entropy: Entropy) -> None:
        self.base = f"/panel/{new_token(entropy)}"
        self._clock = clock
        self._entropy = entropy
        self._ends_at: dict[str, float] = {}

    def issue(self) -> str:
        """The path of a new one-time link, its ticket in the query."""
        ticket = new_token(self._entropy)
        for oldest in list(self._ends_at)[: max(0, len(self._ends_at) - OPEN_MAX + 1)]:
            del self._ends_at[oldest]
        self._ends_at[digest(ticket)] = self._clock.mono() + TICKET_S
        return f"{self.base}/enter?ticket={ticket}"

    def take(self, ticket: str) -> bool:
        """Whether that ticket is good; it never is again."""
        ends_at = self._ends_at.pop(digest(ticket), None)
        return ends_at is not None and ends_at > self._clock.mono()


def digest(secret: str) -> str:
    """What is kept of a secret that somebody else must show."""
    return hashlib.sha256(secret.encode()).hexdigest()
