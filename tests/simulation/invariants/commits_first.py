"""What is published of people and intent is what the store holds: memory changes after the commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onvio_agent.store import links, state
from simulation.invariants import Invariant, database_of

if TYPE_CHECKING:
    from onvio_agent.office.model import Office
    from onvio_agent.world import Publication
    from simulation.life import Life

SETTLES_S = 50.0
"""From the commit to the publication, behind a slow disk."""


class CommitsFirst(Invariant):
    """One exception: an end that a full disk does not take is shown at once, and asked for again."""

    def __init__(self) -> None:
        self._office: Office | None = None
        self._intent: object = None
        self._apart_since: float | None = None
        self._sound: object = None  # what was found to agree
        self._known: tuple[Office | None, object] = (None, None)  # and which rows an office is

    def on_boot(self, life: Life) -> None:
        self._office = self._intent = self._apart_since = self._sound = None

    def on_publication(self, life: Life, publication: Publication) -> None:
        world = publication.world
        if life.agent is None:  # it is being assembled
            return
        office_moved = world.office is not self._office
        intent_moved = world.intent is not self._intent
        self._office, self._intent = world.office, world.intent
        if life.disk.full_at > life.universe.true - 1.0:
            return
        if (office_moved and not self._knows_office(life)) or (
            intent_moved and not self._knows_intent(life)
        ):
            life.violate("not-committed", "published before it is in the store")

    def on_sample(self, life: Life, seconds: float) -> None:
        hub, awake = life.agent.desk.hub, life.universe.loop_time()
        seen = (hub.office, hub.intent, database_of(life).total_changes)
        if seen == self._sound:
            return
        self._office, self._intent, self._sound = hub.office, hub.intent, None
        full = life.disk.is_full or life.disk.full_at > life.universe.true - 600.0
        if full or (self._knows_office(life) and self._knows_intent(life)):
            self._apart_since, self._sound = None, None if full else seen
        elif self._apart_since is None:
            self._apart_since = awake
        elif awake > self._apart_since + SETTLES_S:
            life.violate("not-committed", "what is published is not what the store holds")

    def _knows_office(self, life: Life) -> bool:
        rows = database_of(life).execute(links.OFFICE).fetchall()
        if (self._office, rows) != self._known:  # else it has been compared before
            if links.office(database_of(life)) != self._office:
                return False
            self._known = (self._office, rows)
        return True

    def _knows_intent(self, life: Life) -> bool:
        return state.intent(database_of(life)) == self._intent
