"""Checks each link when it is due, a few at a time, while the connection is online.

Due: an interval after its last success, give or take a jitter; at its retry after a trouble; at
once after a start, a return from a cause of our own, or the end of a hold by the Gerente; spread
over some seconds after ONVIO itself was down, since an office sits behind one address.
"""

from __future__ import annotations

import asyncio
import random

from onvio_agent.actions.check_link import check_link, is_checkable
from onvio_agent.actions.desk import Desk
from onvio_agent.clock import Now
from onvio_agent.contract.status import ConnectionState, IntentState
from onvio_agent.hub import Change, World
from onvio_agent.office import rules
from onvio_agent.office.model import User
from onvio_agent.timer import Timer
from onvio_agent.verdict.backoff import spread_s
from onvio_agent.verdict.link import LinkVerdict

AT_ONCE = 6
"""Links checked at the same time: two of the transport's eight places stay free for a click."""

_NAME = "links"


class LinksWatch:
    """Start it once the hub is loaded."""

    def __init__(self, desk: Desk, timer: Timer, rng: random.Random) -> None:
        self._desk = desk
        self._timer = timer
        self._rng = rng
        self._planned: dict[int, tuple[tuple[int, float, float | None], float]] = {}
        self._in_flight: dict[int, None] = {}
        self._places = asyncio.Semaphore(AT_ONCE)
        self._was_online = False
        self._hold: str | None = None
        self._due: float | None = None

    def start(self) -> None:
        """Begin to follow the hub."""
        self._desk.hub.listen(self._on_change)
        self._follow(self._desk.hub.world)

    def _on_change(self, _changes: list[Change], world: World, _now: Now) -> None:
        self._follow(world)

    def _follow(self, world: World) -> None:
        online = (
            world.intent.state is IntentState.RUN
            and world.connection.state is ConnectionState.ONLINE
        )
        hold = rules.hold_of(world.office)
        if online and not self._was_online:
            self._come_back(world)
        elif hold is None and self._hold is not None:
            self._planned.clear()
        self._was_online, self._hold = online, hold
        self._plan(self._next(world) if online else None)

    def _come_back(self, world: World) -> None:
        """Every link that is not proven now is due: spread when ONVIO was the cause, else at once."""
        from_onvio = (world.connection.came_from or "").startswith("onvio.")
        width_s = self._desk.settings.retry.spread_s if from_onvio else 0.0
        now = self._desk.clock.mono()
        for user in world.office.users:
            verdict = world.links[user.id]
            if verdict.is_valid(now) and verdict.trouble is None:
                continue
            due = now + spread_s(self._rng.random(), width_s)
            kept = self._kept_wait(verdict, now)
            self._planned[user.id] = (_key(verdict), max(due, kept))

    @staticmethod
    def _kept_wait(verdict: LinkVerdict, now: float) -> float:
        """A wait that ONVIO named outlives a return; one of our own back-off does not."""
        waits_for_onvio = (verdict.trouble or "").startswith("onvio.")
        return verdict.retry_at if waits_for_onvio and verdict.retry_at is not None else now

    def _next(self, world: World) -> float | None:
        dues = [
            self._due_of(user, world.links[user.id])
            for user in world.office.users
            if user.id not in self._in_flight and self._is_wanted(world, user)
        ]
        return min(dues, default=None)

    def _is_wanted(self, world: World, user: User) -> bool:
        return is_checkable(user, by_person=False) and not rules.is_held(world.office, user)

    def _due_of(self, user: User, verdict: LinkVerdict) -> float:
        """Planned once per verdict: the jitter is not drawn anew at each look."""
        planned = self._planned.get(user.id)
        if planned is not None and planned[0] == _key(verdict):
            return planned[1]
        due = self._draw_due(verdict)
        self._planned[user.id] = (_key(verdict), due)
        return due

    def _draw_due(self, verdict: LinkVerdict) -> float:
        if verdict.retry_at is not None:
            return verdict.retry_at
        if verdict.checked_at is None:
            return self._desk.clock.mono()
        links = self._desk.settings.links
        wobble = 1.0 + links.jitter * (2.0 * self._rng.random() - 1.0)
        return verdict.heard_at + links.interval_s * wobble

    def _plan(self, due: float | None) -> None:
        if due == self._due:
            return
        self._due = due
        if due is None:
            self._timer.cancel(_NAME)
        else:
            self._timer.at(_NAME, due, self._tick)

    async def _tick(self) -> None:
        self._due = None
        world = self._desk.hub.world
        now = self._desk.clock.mono()
        for user in world.office.users:
            wanted = user.id not in self._in_flight and self._is_wanted(world, user)
            if wanted and self._due_of(user, world.links[user.id]) <= now:
                self._in_flight[user.id] = None
                self._desk.tasks.spawn("links.check", self._check(user.id))
        self._follow(self._desk.hub.world)

    async def _check(self, user_id: int) -> None:
        try:
            async with self._places:
                if self._was_online:
                    await check_link(self._desk, user_id)
        finally:
            del self._in_flight[user_id]
            self._planned_again(user_id)
        self._follow(self._desk.hub.world)

    def _planned_again(self, user_id: int) -> None:
        """A check that ended without a fact (the link moved meanwhile) is tried again soon."""
        verdict = self._desk.hub.link(user_id)
        planned = self._planned.get(user_id)
        if verdict is not None and planned is not None and planned[0] == _key(verdict):
            retry_s = self._desk.limits.retry_first_s
            self._planned[user_id] = (planned[0], self._desk.clock.mono() + retry_s)


def _key(verdict: LinkVerdict) -> tuple[int, float, float | None]:
    return (verdict.generation, verdict.heard_at, verdict.retry_at)
