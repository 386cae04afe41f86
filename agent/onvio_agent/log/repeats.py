"""A trouble that repeats is said once, counted, and its end said once.

Pure: the time is passed in, seconds on the clock that cannot be set.
"""

from __future__ import annotations


class _Trouble:
    def __init__(self, since: float) -> None:
        self.since = since
        self.count = 0
        self.said: dict[str, None] = {}


class Repeats:
    """One trouble per key (a connection, a user's link, a file); each of its reasons is said once."""

    def __init__(self) -> None:
        self._troubles: dict[str, _Trouble] = {}

    def failure(self, key: str, reason: str, now_mono: float) -> bool:
        """Count a failure; whether it should be said, which it should the first time."""
        trouble = self._troubles.setdefault(key, _Trouble(now_mono))
        trouble.count += 1
        say = reason not in trouble.said
        trouble.said[reason] = None
        return say

    def recovered(self, key: str, now_mono: float) -> tuple[int, float] | None:
        """The failures of the trouble that ends and its seconds; None where there was none."""
        trouble = self._troubles.pop(key, None)
        return None if trouble is None else (trouble.count, now_mono - trouble.since)
