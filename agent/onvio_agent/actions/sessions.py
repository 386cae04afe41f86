"""The Gerente's sessions in this agent: in memory only, gone with the process.

A session is named by a random token that only its owner was given; it ends after some idle time,
and every session ends when the role or the password changes.
"""

from __future__ import annotations

import hashlib

from onvio_agent.chance import Entropy, new_token
from onvio_agent.clock import Clock


class Sessions:
    """Open sessions by the hash of their token: a look at memory gives none away."""

    def __init__(self, clock: Clock, entropy: Entropy, idle_s: float) -> None:
        self._clock = clock
        self._entropy = entropy
        self._idle_s = idle_s
        self._ends_at: dict[str, float] = {}

    def open(self) -> str:
        """A new session's token."""
        self._drop_ended()
        token = new_token(self._entropy)
        self._ends_at[_digest(token)] = self._clock.mono() + self._idle_s
        return token

    def use(self, token: str) -> bool:
        """Whether that session is open; its idle time starts anew."""
        self._drop_ended()
        key = _digest(token)
        if key not in self._ends_at:
            return False
        self._ends_at[key] = self._clock.mono() + self._idle_s
        return True

    def is_open(self, token: str) -> bool:
        """The same for whoever only looks: its idle time goes on."""
        self._drop_ended()
        return _digest(token) in self._ends_at

    def close(self, token: str) -> None:
        """End that session."""
        self._ends_at.pop(_digest(token), None)

    def close_all(self) -> None:
        """End every session."""
        self._ends_at.clear()

    def _drop_ended(self) -> None:
        now = self._clock.mono()
        self._ends_at = {key: end for key, end in self._ends_at.items() if end > now}


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
