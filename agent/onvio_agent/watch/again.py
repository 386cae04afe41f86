"""A tick that fails is told, and called again: no watcher ends for good because of one error.

It must not hide what a tick knows how to answer; it is for what nobody expected.
"""

from __future__ import annotations

from onvio_agent.actions.desk import Desk
from onvio_agent.timer import Tick, Timer

AGAIN_S = 30.0
"""Seconds until a tick that crashed is called again, unless its watcher plans it earlier."""


def surviving(desk: Desk, timer: Timer, name: str, tick: Tick) -> Tick:
    """`tick` for the timer's entry `name`, planned anew where it raises."""

    task = f"timer.{name}"

    async def run() -> None:
        try:
            await tick()
        except Exception as error:
            desk.crashed(task, error)
            timer.at(name, desk.clock.mono() + AGAIN_S, run)
        else:
            desk.mended(task)

    return run
