"""When to be called again, as a thing that is passed in; APScheduler behind it in production.

A timer only: due times are the callers' and lie on the clock that cannot be set. APScheduler plans
by the wall clock, so a watchdog on the other clock arms it anew when the two have moved apart
(somebody set the clock, or the machine slept), and calls what is overdue.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from datetime import timedelta
from math import inf
from typing import TYPE_CHECKING, Any, Protocol

from onvio_agent.clock import Clock

if TYPE_CHECKING:
    from apscheduler.job import Job
    from apscheduler.schedulers.asyncio import AsyncIOScheduler

Tick = Callable[[], Coroutine[Any, Any, None]]
OnWake = Callable[[float], None]
OnStep = Callable[[float], None]
Spawn = Callable[[str, Coroutine[Any, Any, None]], object]

WATCHDOG_S = 5.0
"""How often the two clocks are compared: no call is late by more, whoever sets the wall clock."""
ASLEEP_S = 10.0
"""A look that comes so much too late tells that the machine or process slept; a wall clock that went so
much farther than the other, or less far, was set."""

_NEVER_DAYS = 3650  # the job's own interval: a fire that arms nothing leaves the scheduler asleep
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

    def on_wake(self, listener: OnWake) -> None:
        """Call `listener` with the seconds, each time the machine or process has slept."""

    def on_step(self, listener: OnStep) -> None:
        """Call `listener` with the seconds, negative for back, each time the wall clock was set."""


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
        self._armed = inf
        self._scheduler: AsyncIOScheduler | None = None
        self._job: Job | None = None
        self._offset_s = 0.0
        self._looked = clock.now()
        self._on_wake: OnWake = _ignore
        self._on_step: OnStep = _ignore

    def start(self) -> None:
        logging.getLogger("apscheduler").addHandler(logging.NullHandler())
        logging.getLogger("apscheduler").propagate = False  # what matters is logged by the ticks
        self._scheduler = _scheduler_class()(
            timezone="UTC",
            job_defaults={
                "coalesce": True,
                "max_instances": 8,  # a call that has just ended still counts as running
                "misfire_grace_time": None,
            },
        )
        self._offset_s = self._wall_minus_mono()
        self._looked = self._clock.now()
        self._scheduler.start()
        self._arm()
        self._call_later(WATCHDOG_S, self._watch)

    def stop(self) -> None:
        self._due.clear()
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=False)
            self._scheduler = self._job = None

    def at(self, name: str, mono: float, tick: Tick) -> None:
        self._due[name] = (mono, tick)
        self._arm()

    def cancel(self, name: str) -> None:
        self._due.pop(name, None)

    def on_wake(self, listener: OnWake) -> None:
        self._on_wake = listener

    def on_step(self, listener: OnStep) -> None:
        self._on_step = listener

    def _arm(self) -> None:
        """Have the scheduler call for the earliest entry.

        One that comes too early, since its entry was moved or cancelled, only arms the next: that
        is cheaper than telling the scheduler of each move.
        """
        first = min((due for due, _tick in self._due.values()), default=None)
        if first is None or self._scheduler is None or first >= self._armed:
            return
        self._armed = first
        now = self._clock.now()
        run_at = now.wall + timedelta(seconds=max(0.0, first - now.mono))
        if self._job is None:  # moved from call to call, it is never made anew
            self._job = self._scheduler.add_job(
                self._fire, "interval", days=_NEVER_DAYS, next_run_time=run_at
            )
        else:
            self._job.modify(next_run_time=run_at)

    async def _fire(self) -> None:
        self._armed = inf
        mono = self._clock.mono()  # the wall clock may have jumped ahead: what is not due waits
        for name in [name for name, (due, _tick) in self._due.items() if due <= mono]:
            _mono, tick = self._due.pop(name)
            # Not awaited: the next call must not find this one still running.
            self._spawn(f"timer.{name}", tick())
        self._arm()

    def _watch(self) -> None:
        if self._scheduler is None:
            return
        self._call_later(WATCHDOG_S, self._watch)  # first: whatever follows, the dog lives
        offset_s = self._wall_minus_mono()
        stepped = abs(offset_s - self._offset_s) > _APART_S
        overdue = self._clock.mono() - _APART_S
        if stepped or any(due < overdue for due, _tick in self._due.values()):
            self._offset_s = offset_s
            self._armed = inf
            self._arm()
        now, before = self._clock.now(), self._looked
        self._looked = now
        passed_s = now.mono - before.mono  # sleep included; see `clock.py`
        step_s = (now.wall - before.wall).total_seconds() - passed_s
        if abs(step_s) > ASLEEP_S:
            self._on_step(step_s)
        if passed_s > WATCHDOG_S + ASLEEP_S:
            self._on_wake(passed_s)

    def _wall_minus_mono(self) -> float:
        now = self._clock.now()
        return now.wall.timestamp() - now.mono


def _ignore(_seconds: float) -> None:
    """Nobody wants to know of it."""


def _scheduler_class() -> type[AsyncIOScheduler]:
    """AsyncIOScheduler for one thread: it looks at its jobs at once, where the library's own
    writes to a pipe first and reads it in a later round of the loop, three times for each probe.
    """
    from apscheduler.schedulers.asyncio import AsyncIOScheduler  # 76 ms: after the API answers

    class _SameThread(AsyncIOScheduler):  # type: ignore[misc]  # ships no types
        def wakeup(self) -> None:
            self._stop_timer()
            self._start_timer(self._process_jobs())

    return _SameThread
