"""Looks again as soon as the network has changed or the machine has woken, instead of waiting.

A sign only says that something changed; one look follows for many. What is true is learnt by a
check, but for one thing: without any route there is no network, and nothing needs to be sent.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from onvio_agent.actions.desk import Desk
from onvio_agent.actions.probe import probe
from onvio_agent.contract.status import IntentState
from onvio_agent.onvio.transport import Network
from onvio_agent.timer import Timer
from onvio_agent.verdict.backoff import is_asked_for
from onvio_agent.verdict.facts import ProbeFailed
from onvio_agent.watch.again import surviving

_NAME = "network"
SETTLE_S = 0.05
"""One change comes as several signs within some milliseconds (link, address, routes)."""
AGAIN_S = 1.0
"""At most one look a second: a network that never rests must not keep the agent busy."""
SAME_WAKE_S = 10.0
"""The clocks tell of a wake within 5 s, also where the login manager has told of it at once."""


class Signs(Protocol):
    """What tells that the network may have changed; see `routes.py`."""

    def sources(self) -> tuple[str, ...]:
        """Our own addresses on the way out; empty without a network. Sends nothing."""

    def follow(self, on_sign: Callable[[], None]) -> None:
        """Begin to call `on_sign` at each sign."""

    def close(self) -> None:
        """Call no more."""


class NoSigns:
    """`Signs` where nothing ever tells."""

    def sources(self) -> tuple[str, ...]:
        return ()

    def follow(self, on_sign: Callable[[], None]) -> None:
        """Never calls."""

    def close(self) -> None:
        """There is nothing to end."""


class Sleeps(Protocol):
    """What tells of the machine's sleeps; see `sleeps.py`. The clocks do too, seconds later."""

    def follow(self, on_wake: Callable[[float], None]) -> None:
        """Begin to call `on_wake` with the seconds slept."""

    def close(self) -> None:
        """Call no more."""


class NoSleeps:
    """`Sleeps` where the clocks alone tell."""

    def follow(self, on_wake: Callable[[float], None]) -> None:
        """Never calls."""

    def close(self) -> None:
        """There is nothing to end."""


class NetworkWatch:
    """Start it once the hub is loaded."""

    def __init__(
        self, desk: Desk, timer: Timer, signs: Signs, network: Network, sleeps: Sleeps
    ) -> None:
        self._desk = desk
        self._timer = timer
        self._signs = signs
        self._sleeps = sleeps
        self._network = network
        self._tick = surviving(desk, timer, _NAME, self._look)
        self._sources: tuple[str, ...] = ()
        self._is_planned = False
        self._looked_at = self._woke_at = float("-inf")

    def start(self) -> None:
        """Begin to follow signs of the network, and wakes of the machine."""
        self._sources = self._signs.sources()
        self._signs.follow(self._on_sign)
        self._timer.on_wake(self._on_wake)
        self._timer.on_step(self._on_step)
        self._sleeps.follow(self._on_wake)

    def _on_sign(self) -> None:
        if not self._is_planned:
            self._is_planned = True
            now = self._desk.clock.mono()
            self._timer.at(_NAME, max(now + SETTLE_S, self._looked_at + AGAIN_S), self._tick)

    def _on_wake(self, late_s: float) -> None:
        """Connections from before the sleep are dead, though nobody has told us. Told twice, heard once."""
        now = self._desk.clock.mono()
        if now < self._woke_at + SAME_WAKE_S:
            return
        self._woke_at = now
        self._desk.log.info("machine.woke", slept_s=round(late_s))
        self._begin_anew()

    def _on_step(self, step_s: float) -> None:
        """A clock set ahead may be a sleep that the other clock has not counted: looked at like one."""
        self._desk.log.info("machine.clock_set", step_s=round(step_s))
        if step_s > 0:
            self._begin_anew()

    def _begin_anew(self) -> None:
        self._sources = ()
        self._on_sign()

    async def _look(self) -> None:
        self._is_planned = False
        self._looked_at = self._desk.clock.mono()
        before, self._sources = self._sources, self._signs.sources()
        if self._desk.hub.intent.state is not IntentState.RUN:
            return
        if self._sources != before:
            await self._network.renew()
        if before and not self._sources:
            self._desk.hub.hear(ProbeFailed(self._looked_at, "network.none", certain=True))
        elif not is_asked_for(self._desk.hub.connection.trouble):
            await probe(self._desk, here=True)
