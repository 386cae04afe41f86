"""Time and randomness, as things that are passed in.

The adapters at the bottom are the only place that asks the machine; `app.py` builds them. Everything
else takes a `Clock`, so that whole years can be simulated and no setting of the wall clock can
make a verdict last longer.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

import msgspec


class Now(msgspec.Struct, frozen=True):
    """One instant on both clocks: `mono` in seconds, unsettable and counting suspend; `wall` UTC."""

    mono: float
    wall: datetime

    def wall_at(self, mono: float | None) -> datetime | None:
        """The wall time to show for an instant on the other clock."""
        return None if mono is None else self.wall + timedelta(seconds=mono - self.mono)


class Clock(Protocol):
    """What the agent knows of time."""

    def mono(self) -> float:
        """Seconds on a clock that nobody can set and that counts suspend."""

    def wall(self) -> datetime:
        """The time of day, aware, UTC; for show only."""

    def now(self) -> Now:
        """Both at once."""


class SystemClock:
    """The machine's clocks; the unsettable one goes on during suspend (see docs/known-issues.md)."""

    def mono(self) -> float:
        return _unsettable()

    def wall(self) -> datetime:
        return datetime.now(UTC)

    def now(self) -> Now:
        return Now(self.mono(), self.wall())


def _unsettable() -> float:
    """Linux and macOS name the clock that counts suspend; Windows' monotonic one does by itself."""
    if sys.platform == "linux":
        seconds = time.clock_gettime(time.CLOCK_BOOTTIME)
    elif sys.platform == "darwin":
        seconds = time.clock_gettime(time.CLOCK_MONOTONIC)
    else:
        seconds = time.monotonic()
    return seconds
