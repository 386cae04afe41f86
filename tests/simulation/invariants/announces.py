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
        self._late_since: float | None = None

    def on_boot(self, life: Life) -> None:
        self._late_since = None
        self._told.clear()

    def on_publication(self, life: Life, publication: Publication) -> None:
        world, now = publication.world, publication.now.mono
        for user in publication.users:  # of the others it says that nothing has changed
            self._told[user.id] = icon_of(world, user, now)

    def on_sample(self, life: Life, seconds: float) -> None:
        holds = icons_of(life)
        if holds == self._told or not self._told:
            self._late_since = None
            return
        awake = life.universe.loop_time()
        if self._late_since is None:
            self._late_since = awake
        elif awake > self._late_since + LATE_S:
            life.violate("not-announced", f"{holds} though {self._told} was published")
