"""Counts what happens in one run of the agent: checks, changes, time spent in each state.

It listens to the hub from the start, so that what passes between two scrapes is counted too. What it
keeps is bounded by the catalogue of reasons and by the number of users.
"""

from __future__ import annotations

from collections import Counter

from onvio_agent.clock import Clock
from onvio_agent.hub import Hub
from onvio_agent.verdict.connection import ConnectionVerdict
from onvio_agent.verdict.link import LinkVerdict
from onvio_agent.world import Publication

CONNECTION, LINK = "connection", "link"
SUCCESS, FAILURE = "success", "failure"

_Shown = tuple[str, str]
_Check = tuple[str, str, str]


class Tally:
    """`checks` by (subject, outcome, reason); `changes` by subject, then by (state, reason)."""

    def __init__(self, hub: Hub, clock: Clock) -> None:
        self._clock = clock
        self._shown = _shown(hub.world.connection)
        self._since = clock.mono()
        self._spent: dict[_Shown, float] = {}
        self._heard_at: dict[str | int, float] = {CONNECTION: hub.world.connection.heard_at}
        self.checks: Counter[_Check] = Counter()
        self.changes: dict[str, Counter[_Shown]] = {CONNECTION: Counter(), LINK: Counter()}
        hub.listen(self._on_change)

    def durations_s(self) -> dict[_Shown, float]:
        """Seconds in each (state, reason) of the connection, up to now."""
        spent = dict(self._spent)
        spent[self._shown] = spent.get(self._shown, 0.0) + self._clock.mono() - self._since
        return spent

    def _on_change(self, publication: Publication) -> None:
        world, mono = publication.world, publication.now.mono
        for change in publication.changes:
            if change.kind in self.changes:
                self.changes[change.kind][change.after, change.reason or ""] += 1
        self._check(CONNECTION, CONNECTION, world.connection)
        for user in publication.users:
            self._check(LINK, user.id, world.links[user.id])
        shown = _shown(world.connection)
        if shown != self._shown:
            spent = self._spent.get(self._shown, 0.0)
            self._spent[self._shown] = spent + mono - self._since
            self._shown, self._since = shown, mono

    def _check(
        self, subject: str, key: str | int, verdict: ConnectionVerdict | LinkVerdict
    ) -> None:
        """A newer fact was heard: one check has ended."""
        if verdict.heard_at <= self._heard_at.get(key, float("-inf")):
            return
        self._heard_at[key] = verdict.heard_at
        outcome = FAILURE if verdict.trouble else SUCCESS
        self.checks[subject, outcome, verdict.trouble or ""] += 1


def _shown(connection: ConnectionVerdict) -> _Shown:
    return str(connection.state), connection.reason or ""
