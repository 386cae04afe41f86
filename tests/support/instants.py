"""Instants for tests: a clock that moves only when told, a timer that fires only when told."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from onvio_agent.clock import Now
from onvio_agent.timer import OnStep, OnWake, Tick

EPOCH = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def at(mono: float) -> Now:
    """The instant `mono`, with a wall clock that runs alongside."""
    return Now(mono, EPOCH + timedelta(seconds=mono))


class HandClock:
    """A `Clock` that a test moves; the wall side can be stepped alone."""

    def __init__(self) -> None:
        self._mono = 1000.0
        self._wall = EPOCH

    def mono(self) -> float:
        return self._mono

    def wall(self) -> datetime:
        return self._wall

    def now(self) -> Now:
        return Now(self._mono, self._wall)

    def advance(self, seconds: float) -> None:
        """Let time pass on both sides."""
        self._mono += seconds
        self._wall += timedelta(seconds=seconds)

    def step_wall(self, seconds: float) -> None:
        """Somebody sets the time of day."""
        self._wall += timedelta(seconds=seconds)


class HandTimer:
    """A `Timer` whose entries a test looks at and fires."""

    def __init__(self) -> None:
        self.entries: dict[str, tuple[float, Tick]] = {}
        self.count = 0

    def start(self) -> None:
        """Nothing calls by itself."""

    def stop(self) -> None:
        """Forget everything."""
        self.entries.clear()

    def at(self, name: str, mono: float, tick: Tick) -> None:
        self.entries[name] = (mono, tick)
        self.count += 1

    def cancel(self, name: str) -> None:
        self.entries.pop(name, None)

    def on_wake(self, listener: OnWake) -> None:
        self.wake = listener

    def on_step(self, listener: OnStep) -> None:
        self.step = listener

    async def fire(self, name: str) -> None:
        """Call the entry as the timer would, in a task of its own."""
        _mono, tick = self.entries.pop(name)
        await asyncio.get_running_loop().create_task(tick())
