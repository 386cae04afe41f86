"""When to be called again, as a thing that is passed in; APScheduler behind it in production.

A timer only: due times are the callers' and lie on the clock that cannot be set. APScheduler plans
by the wall clock, so a watchdog on the other clock arms every job anew when the two have moved
apart (somebody set the clock, or the machine slept), and calls what is overdue.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

from onvio_agent.clock import Clock

if TYPE_CHECKING:
    from apscheduler.schedulers.asyncio import AsyncIOScheduler

Tick = Callable[[], Coroutine[Any, Any, None]]
Spawn = Callable[[str, Coroutine[Any, Any, None]], object]

WATCHDOG_S = 15.0
"""How often the two clocks are compared: half a probe interval, so that no probe is late by more."""

_APART_S = 1.0  # ordinary clock discipline moves the wall clock by less than this


class Timer(Protocol):
    """Calls back at an instant. One entry a name: setting it again replaces it."""

    def start(self) -> None:
        """Begin to call; entries set before are kept."""

    def stop(self) -> None:
        """Call nothing any more."""

    def at(self, name: str, mono: float, tick: Tick) -> None:
        """Call `tick` once, at or soon after `mono`."""

    def cancel(self, name: str) -> None:
        """Forget `name`; nothing happens where it is not set."""


class ApsTimer:
    """APScheduler's asyncio scheduler, kept honest by a monotonic watchdog."""

    def __init__(
        self,
        clock: Clock,
        call_later: Callable[[float, Callable[[], None]], object],
        spawn: Spawn,
    ) -> None:
        self._clock = clock
        self._call_later = call_later
        self._spawn = spawn
        self._due: dict[str, tuple[float, Tick]] = {}
        self._scheduler: AsyncIOScheduler | None = None
        self._offset_s = 0.0

    def start(self) -> None:
        from apscheduler.schedulers.asyncio import AsyncIOScheduler  # 76 ms: after the API answers

        logging.getLogger("apscheduler").addHandler(logging.NullHandler())
        logging.getLogger("apscheduler").propagate = False  # what matters is logged by the ticks
        self._scheduler = AsyncIOScheduler(
            timezone="UTC",
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._offset_s = self._wall_minus_mono()
        self._scheduler.start()
        for name in list(self._due):
            self._arm(name)
        self._call_later(WATCHDOG_S, self._watch)

    def stop(self) -> None:
        self._due.clear()
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=False)
            self._scheduler = None

    def at(self, name: str, mono: float, tick: Tick) -> None:
        self._due[name] = (mono, tick)
        self._arm(name)

    def cancel(self, name: str) -> None:
        if self._due.pop(name, None) is not None and self._scheduler is not None:
            job = self._scheduler.get_job(name)
            if job is not None:
                job.remove()

    def _arm(self, name: str) -> None:
        if self._scheduler is None:
            return
        now = self._clock.now()
        run_at = now.wall + timedelta(seconds=max(0.0, self._due[name][0] - now.mono))
        self._scheduler.add_job(
            self._fire, "date", run_date=run_at, args=(name,), id=name, replace_existing=True
        )

    async def _fire(self, name: str) -> None:
        due = self._due.get(name)
        if due is None:
            return
        if due[0] > self._clock.mono() + _APART_S:  # the wall clock jumped ahead
            self._arm(name)
            return
        del self._due[name]
        # Not awaited: a tick that sets its own name anew must not meet itself still running.
        self._spawn(f"timer.{name}", due[1]())

    def _watch(self) -> None:
        if self._scheduler is None:
            return
        self._call_later(WATCHDOG_S, self._watch)  # first: whatever follows, the dog lives
        offset_s = self._wall_minus_mono()
        stepped = abs(offset_s - self._offset_s) > _APART_S
        overdue = self._clock.mono() - _APART_S
        if stepped or any(due < overdue for due, _tick in self._due.values()):
            self._offset_s = offset_s
            for name in list(self._due):
                self._arm(name)

    def _wall_minus_mono(self) -> float:
        now = self._clock.now()
        return now.wall.timestamp() - now.mono
