"""The timer calls in time, whatever somebody does to the wall clock; APScheduler runs for real."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest

from onvio_agent.clock import Now, SystemClock
from onvio_agent.timer import ASLEEP_S, WATCHDOG_S, ApsTimer
from support.aio import on_loop

LIMIT_S = 5.0
HOURS_2 = 7200.0


class SetClock:
    """The machine's clock as it was before somebody set it `ahead_s` back: APScheduler sees after."""

    def __init__(self, ahead_s: float = 0.0) -> None:
        self.ahead_s = ahead_s
        self.asleep_s = 0.0
        self.asked = asyncio.Event()
        self._real = SystemClock()

    def mono(self) -> float:
        self.asked.set()
        return self._real.mono() + self.asleep_s

    def wall(self) -> datetime:
        return self._real.wall() + timedelta(seconds=self.ahead_s + self.asleep_s)

    def now(self) -> Now:
        return Now(self._real.mono() + self.asleep_s, self.wall())


class Rig:
    """A started timer whose watchdog is called by hand."""

    def __init__(self, clock: SetClock) -> None:
        self.clock = clock
        self.watch: Callable[[], None] = lambda: None
        self.calls: list[str] = []
        self.called = asyncio.Event()
        self.timer = ApsTimer(clock, self._later, self._spawn)
        self._tasks: list[asyncio.Task[None]] = []

    def _later(self, seconds: float, watch: Callable[[], None]) -> object:
        assert seconds == WATCHDOG_S
        self.watch = watch
        return None

    def _spawn(self, name: str, work: object) -> object:
        assert asyncio.iscoroutine(work)
        self._tasks.append(asyncio.get_running_loop().create_task(work, name=name))
        return self._tasks[-1]

    def set(self, name: str, after_s: float) -> None:
        """Have `name` noted down after that long."""

        async def tick() -> None:
            self.calls.append(name)
            self.called.set()

        self.timer.at(name, self.clock.mono() + after_s, tick)

    async def one_call(self) -> list[str]:
        """What was called, once something was."""
        await asyncio.wait_for(self.called.wait(), LIMIT_S)
        self.called.clear()
        return self.calls


@asynccontextmanager
async def rig(ahead_s: float = 0.0) -> AsyncIterator[Rig]:
    made = Rig(SetClock(ahead_s))
    made.timer.start()
    try:
        yield made
    finally:
        made.timer.stop()


@on_loop
async def test_it_calls_once_at_its_instant() -> None:
    async with rig() as timer:
        timer.set("a", 0.01)
        assert await timer.one_call() == ["a"]


@on_loop
async def test_what_was_set_before_the_start_is_called() -> None:
    made = Rig(SetClock())
    made.set("early", 0.0)
    made.timer.start()
    assert await made.one_call() == ["early"]
    made.timer.stop()


@on_loop
async def test_setting_a_name_again_replaces_it_and_cancelling_forgets_it() -> None:
    async with rig() as timer:
        timer.set("moved", 3600)
        timer.set("gone", 0.01)
        timer.timer.cancel("gone")
        timer.timer.cancel("never set")
        timer.set("moved", 0.02)
        assert await timer.one_call() == ["moved"]


@on_loop
async def test_a_tick_may_set_its_own_name_anew() -> None:
    async with rig() as timer:

        async def again() -> None:
            timer.set("probe", 0.0)

        timer.timer.at("probe", timer.clock.mono(), again)
        assert await timer.one_call() == ["probe"]


@on_loop
async def test_a_wall_clock_set_back_delays_nothing_beyond_the_watchdog() -> None:
    async with rig(ahead_s=HOURS_2) as timer:
        timer.set("probe", 0.01)  # for APScheduler, two hours from now
        timer.clock.ahead_s = 0.0
        timer.watch()
        assert await timer.one_call() == ["probe"]


@on_loop
async def test_a_wall_clock_set_ahead_calls_nothing_early() -> None:
    async with rig(ahead_s=-HOURS_2) as timer:
        timer.set("later", 3600)  # for APScheduler, an hour ago: it fires at once
        timer.clock.ahead_s = 0.0
        timer.clock.asked.clear()
        await asyncio.wait_for(timer.clock.asked.wait(), LIMIT_S)
        timer.set("now", 0.02)
        assert await timer.one_call() == ["now"]


@on_loop
async def test_what_is_overdue_is_called_by_the_watchdog() -> None:
    """After a sleep APScheduler's own timers may still be asleep."""
    async with rig(ahead_s=HOURS_2) as timer:
        timer.set("due", -10.0)
        timer.clock.ahead_s = 0.0
        timer.timer._offset_s -= HOURS_2  # not seen as a step: only as overdue
        timer.watch()
        assert await timer.one_call() == ["due"]


@on_loop
async def test_after_a_stop_nothing_is_called() -> None:
    async with rig() as timer:
        timer.set("a", 0.0)
        timer.timer.stop()
        timer.watch()
        timer.timer.at("b", timer.clock.mono(), lambda: asyncio.sleep(0))
        await asyncio.sleep(0)
        assert timer.calls == []


DAYS_2 = 2 * 86_400.0


@pytest.mark.parametrize("ahead_s", [DAYS_2, -DAYS_2])
@on_loop
async def test_two_days_either_way_keep_every_entry_and_the_order(ahead_s: float) -> None:
    async with rig(ahead_s=ahead_s) as timer:
        names = [f"n{number}" for number in range(20)]
        for number, name in enumerate(names):
            timer.set(name, 0.001 * number)
        timer.set("later", 3600.0)
        timer.clock.ahead_s = 0.0
        timer.watch()
        async with asyncio.timeout(LIMIT_S):
            while len(timer.calls) < len(names):
                await timer.one_call()
        assert timer.calls == names


@on_loop
async def test_an_entry_that_was_long_overdue_is_called_once() -> None:
    async with rig() as timer:
        timer.set("a", -DAYS_2)
        assert await timer.one_call() == ["a"]
        timer.watch()
        await asyncio.sleep(0.02)
        assert timer.calls == ["a"]


@on_loop
async def test_a_tick_that_never_ends_does_not_keep_its_name_from_being_called() -> None:
    async with rig() as timer:
        never = asyncio.Event()

        async def hang() -> None:
            timer.set("probe", 0.0)
            await never.wait()

        timer.timer.at("probe", timer.clock.mono(), hang)
        assert await timer.one_call() == ["probe"]
        never.set()


@on_loop
async def test_the_watchdog_goes_on_whatever_it_meets() -> None:
    async with rig() as timer:
        real, timer.watch = timer.watch, lambda: None
        timer.timer._wall_minus_mono = lambda: 1 / 0  # type: ignore[method-assign] # a bug
        with pytest.raises(ZeroDivisionError):
            real()
        assert timer.watch == real


@pytest.mark.parametrize("asleep_s", [0.0, ASLEEP_S, HOURS_2])
@pytest.mark.parametrize("step_s", [0.0, ASLEEP_S - 1, HOURS_2, -HOURS_2])
@on_loop
async def test_a_sleep_and_a_clock_that_was_set_are_told_apart(
    asleep_s: float, step_s: float
) -> None:
    async with rig() as timer:
        woken: list[float] = []
        steps: list[float] = []
        timer.timer.on_wake(woken.append)
        timer.timer.on_step(steps.append)
        timer.clock.asleep_s = asleep_s
        timer.clock.ahead_s = step_s
        timer.watch()
        timer.watch()
        assert woken == pytest.approx([HOURS_2] if asleep_s == HOURS_2 else [], abs=60)
        assert steps == pytest.approx([step_s] if abs(step_s) > ASLEEP_S else [], abs=60)
