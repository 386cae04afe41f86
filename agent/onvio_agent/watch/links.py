"""Checks each link when it is due, a few at a time, while the connection is online.

Due: an interval after its last success, give or take a jitter; at its retry after a trouble; at
once after a start, a return from a cause of our own, or the end of a hold by the Gerente. After ONVIO
itself was down all links are due together, at an instant drawn once: the agents of an office, which sit
behind one address, come back spread, and the icon of each changes once.
"""

from __future__ import annotations

import random
from heapq import heappop, heappush

import msgspec

from onvio_agent.actions.check_link import check_link, is_checkable
from onvio_agent.actions.desk import Desk
from onvio_agent.contract.status import ConnectionState, IntentState
from onvio_agent.office import rules
from onvio_agent.office.model import User
from onvio_agent.timer import Timer
from onvio_agent.verdict.backoff import is_asked_for, spread_s
from onvio_agent.verdict.link import LinkVerdict
from onvio_agent.watch.again import surviving
from onvio_agent.world import Publication, World

_NAME = "links"
_AHEAD_S = 10.0  # so long before its end a verdict is renewed at a return: a check, and its queue


class _Plan(msgspec.Struct, frozen=True):
    """When a link is due, and the verdict that this follows from: it is drawn once for each."""

    generation: int
    heard_at: float
    retry_at: float | None
    due: float

    def is_for(self, verdict: LinkVerdict) -> bool:
        """Whether nothing has been heard since."""
        return (self.generation, self.heard_at, self.retry_at) == (
            verdict.generation,
            verdict.heard_at,
            verdict.retry_at,
        )


class LinksWatch:
    """Start it once the hub is loaded."""

    def __init__(self, desk: Desk, timer: Timer, rng: random.Random) -> None:
        self._desk = desk
        self._timer = timer
        self._rng = rng
        self._plans: dict[int, _Plan] = {}
        self._queue: list[tuple[float, int]] = []  # a heap; an entry that no plan backs is void
        self._in_flight: dict[int, None] = {}
        self._on_due = surviving(desk, timer, _NAME, self._tick)
        self._was_online = False
        self._hold: str | None = None
        self._armed: float | None = None

    def start(self) -> None:
        """Begin to follow the hub."""
        self._desk.hub.listen(self._on_change)
        world = self._desk.hub.world
        self._follow(world, world.office.users)

    def _on_change(self, publication: Publication) -> None:
        self._follow(publication.world, publication.users)

    def _follow(self, world: World, users: tuple[User, ...]) -> None:
        running = world.intent.state is IntentState.RUN
        online = running and world.connection.state is ConnectionState.ONLINE
        if not users and (online, world.hold) == (self._was_online, self._hold):
            return  # the same connection, seen again
        if online and not self._was_online:
            self._come_back(world)
        else:
            if world.hold is None and self._hold is not None:
                self._plans.clear()
            for user in users:
                self._plan(world, user)
        self._was_online, self._hold = online, world.hold
        self._arm()

    def _come_back(self, world: World) -> None:
        """What is not proven now, or overdue, is due: at one drawn instant when ONVIO was the cause,
        else at once. What is still proven must not end before: it would be green, grey and green."""
        from_onvio = (world.connection.came_from or "").startswith("onvio.")
        width_s = self._desk.settings.retry.spread_s if from_onvio else 0.0
        now = self._desk.clock.mono()
        together = now + spread_s(self._rng.random(), width_s)
        for user in world.office.users:
            verdict = world.links[user.id]
            self._plan(world, user)
            plan = self._plans.get(user.id)
            proven = verdict.is_valid(now) and verdict.trouble is None
            if proven and plan is not None and plan.due > now:
                continue
            if self._is_wanted(world, user):
                due = min(together, _renewal(verdict, now))
                self._set(user.id, verdict, max(due, _kept_wait(verdict, now)))

    def _is_wanted(self, world: World, user: User) -> bool:
        return is_checkable(user, by_person=False) and not rules.is_held(user, world.hold)

    def _plan(self, world: World, user: User) -> None:
        if not self._is_wanted(world, user):
            self._plans.pop(user.id, None)
            return
        verdict = world.links[user.id]
        plan = self._plans.get(user.id)
        if user.id not in self._in_flight and (plan is None or not plan.is_for(verdict)):
            self._set(user.id, verdict, self._draw_due(verdict))

    def _draw_due(self, verdict: LinkVerdict) -> float:
        if verdict.retry_at is not None:
            return verdict.retry_at
        if verdict.checked_at is None:
            return self._desk.clock.mono()
        links = self._desk.settings.links
        wobble = 1.0 + links.jitter * (2.0 * self._rng.random() - 1.0)
        return verdict.heard_at + links.interval_s * wobble

    def _set(self, user_id: int, verdict: LinkVerdict, due: float) -> None:
        plan = self._plans.get(user_id)
        self._plans[user_id] = _Plan(verdict.generation, verdict.heard_at, verdict.retry_at, due)
        if plan is None or plan.due != due:  # else it is queued
            heappush(self._queue, (due, user_id))

    def _first(self) -> tuple[float, int] | None:
        """The next link that is due, or None; drops what is void."""
        while self._queue:
            due, user_id = self._queue[0]
            plan = self._plans.get(user_id)
            if plan is not None and plan.due == due and user_id not in self._in_flight:
                return due, user_id
            heappop(self._queue)
        return None

    def _arm(self) -> None:
        first = self._first() if self._was_online else None
        due = first[0] if first is not None else None
        if due == self._armed:
            return
        self._armed = due
        if due is None:
            self._timer.cancel(_NAME)
        else:
            self._timer.at(_NAME, due, self._on_due)

    async def _tick(self) -> None:
        self._armed = None
        now = self._desk.clock.mono()
        due: list[int] = []
        while self._was_online and (first := self._first()) is not None and first[0] <= now:
            heappop(self._queue)
            self._in_flight[first[1]] = None
            due.append(first[1])
        self._arm()
        for user_id in due[1:]:
            self._desk.tasks.spawn("links.check", self._check(user_id))
        if due:
            await self._check(due[0])

    async def _check(self, user_id: int) -> None:
        try:
            async with self._desk.places:
                if self._was_online:
                    await check_link(self._desk, user_id, here=True)
        finally:
            del self._in_flight[user_id]
            self._plan_again(user_id)
            self._arm()

    def _plan_again(self, user_id: int) -> None:
        """A check that ended without a fact (the link moved meanwhile) is tried again soon."""
        world, user = self._desk.hub.world, self._desk.hub.user(user_id)
        if user is None:
            return
        plan, verdict = self._plans.get(user_id), world.links[user_id]
        if plan is not None and plan.is_for(verdict):
            self._set(user_id, verdict, self._desk.clock.mono() + self._desk.limits.retry_first_s)
        else:
            self._plan(world, user)


def _renewal(verdict: LinkVerdict, now: float) -> float:
    """When a link that is proven must be checked again to stay so."""
    end = verdict.valid_until
    return max(now, end - _AHEAD_S) if end is not None and end > now else float("inf")


def _kept_wait(verdict: LinkVerdict, now: float) -> float:
    """A wait that ONVIO named outlives a return; one of our own back-off does not."""
    waits = is_asked_for(verdict.trouble)
    return verdict.retry_at if waits and verdict.retry_at is not None else now
