"""Whoever listens is told when an icon changes, also when it only grew too old."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onvio_agent.world import icon_of
from simulation.invariants import Invariant, icons_of

if TYPE_CHECKING:
    from onvio_agent.verdict.icon import Icon
    from onvio_agent.world import Publication
    from simulation.life import Life

LATE_S = 30.0
"""A timer may be late by 15 s after the machine slept."""


class Announces(Invariant):
    """Compares what was last published with what holds now. Time asleep does not count."""

    def __init__(self) -> None:
        self._told: dict[int, Icon] = {}
        self._times: dict[int, int] = {}  # how often each was told of
        self._late: dict[int, tuple[int, float]] = {}  # what is untold, and since when

    def on_boot(self, life: Life) -> None:
        self._told.clear()
        self._late.clear()

    def on_publication(self, life: Life, publication: Publication) -> None:
        world, now = publication.world, publication.now.mono
        for user in publication.users:  # of the others it says that nothing has changed
            self._told[user.id] = icon_of(world, user, now)
            self._times[user.id] = self._times.get(user.id, 0) + 1

    def on_renewal(self, life: Life, publication: Publication) -> None:
        if self._late:  # what was told may have come true again between two samples
            holds = icons_of(life)
            told = self._told
            self._late = {
                each: at
                for each, at in self._late.items()
                if each in holds and holds[each] != told[each]  # else erased
            }

    def on_sample(self, life: Life, seconds: float) -> None:
        holds = icons_of(life)
        if holds == self._told or not self._told:
            self._late.clear()
            return
        awake = life.universe.loop_time()
        late, self._late = self._late, {}
        for user_id, icon in holds.items():
            told, times = self._told.get(user_id), self._times.get(user_id, 0)
            if icon == told:
                continue
            before, since = late.get(user_id, (times, awake))
            self._late[user_id] = (times, since if before == times else awake)
            if awake > self._late[user_id][1] + LATE_S:
                life.violate("not-announced", f"{icon} though {told} was published")
