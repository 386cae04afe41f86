"""Writes down what the hub published: one log line a change, one row of history a transition.

Logs are written from states, never read for them. History is written behind the events, in
batches; what a crash cuts off is the last moment's rows, never a state.
"""

from __future__ import annotations

import asyncio

from onvio_agent.actions.desk import Desk
from onvio_agent.clock import Now
from onvio_agent.errors import StoreFailed
from onvio_agent.log import Repeats
from onvio_agent.store.base import Transition
from onvio_agent.verdict.connection import ConnectionVerdict
from onvio_agent.verdict.link import LinkVerdict
from onvio_agent.world import Change, Publication

_KEPT = ("connection", "link", "intent")
_BATCH = 500
_WAITING_MAX = 10_000  # rows kept in memory while the store cannot take them


class Journal:
    """Start it before anything is published."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._repeats = Repeats()
        self._failures: dict[str, int] = {}
        self._waiting: list[Transition] = []
        self._saving: asyncio.Task[None] | None = None
        self._is_told = False

    def start(self) -> None:
        """Begin to follow the hub."""
        self._desk.hub.listen(self._on_change)

    async def flush(self) -> None:
        """Write what waits; a store that cannot is asked again at the next change."""
        while self._waiting:
            # Taken out first: what is handed to the store is written even if nobody waits any more.
            count = 1 if self._is_told else _BATCH  # a store that could not is tried with little
            batch, self._waiting = self._waiting[:count], self._waiting[count:]
            try:
                await self._desk.store.add_transitions(batch)
            except StoreFailed as error:
                self._waiting = batch + self._waiting
                self._tell(error)
                return
            self._is_told = False

    async def close(self) -> None:
        """Note the agent's end, so that nobody takes the silence after it for a state; then flush."""
        ended = Transition(
            at=self._desk.clock.wall(),
            subject="agent",
            before="running",
            after="stopped",
            reason=None,
            duration_s=None,
        )
        self._waiting.append(ended)
        try:
            await self.flush()
        except Exception as error:  # the agent ends all the same
            self._desk.crashed("history", error)

    def _tell(self, error: StoreFailed) -> None:
        """Once, until something can be written again."""
        if not self._is_told:
            self._is_told = True
            self._desk.log.warning("history.not_saved", reason=error.code)

    def _on_change(self, publication: Publication) -> None:
        for change in publication.changes:
            self._write(change)
            if change.kind in _KEPT:
                self._waiting.append(_transition(change, publication.now))
        self._write_troubles(publication)
        if not self._waiting:
            return
        del self._waiting[:-_WAITING_MAX]
        if self._saving is None or self._saving.done():
            self._saving = self._desk.tasks.spawn("history", self.flush())

    def _write(self, change: Change) -> None:
        level = self._desk.log.info
        keys = {
            "before": change.before,
            "after": change.after,
            "reason": change.reason,
            "duration_s": change.duration_s,
        }
        match change.kind:
            case "connection":
                level("connection.changed", **keys)
            case "link":
                level("link.changed", user=change.login, **keys)
            case "icon":
                level("icon.changed", **keys)
            case "intent":
                level("intent.changed", **keys)
            case "warning" if change.after != "none":
                self._desk.log.warning("session.ends_soon", user=change.login)

    def _write_troubles(self, publication: Publication) -> None:
        """Failed checks that change no state yet: said once, counted, and their end said once."""
        world, now = publication.world, publication.now
        self._trouble("connection", None, world.connection, now)
        for user in publication.users:
            self._trouble(f"link:{user.id}", user.login, world.links[user.id], now)

    def _trouble(
        self, key: str, login: str | None, verdict: ConnectionVerdict | LinkVerdict, now: Now
    ) -> None:
        before, failures, reason = self._failures.get(key, 0), verdict.failures, verdict.trouble
        if failures == before:
            return
        self._failures[key] = failures
        if failures > before:
            if self._repeats.failure(key, reason or "unknown", now.mono):
                self._desk.log.warning("check.failed", user=login, reason=reason)
        elif failures == 0:
            ended = self._repeats.recovered(key, now.mono)
            if ended is not None:
                count, duration_s = ended
                self._desk.log.info(
                    "check.recovered", user=login, failures=count, duration_s=round(duration_s, 3)
                )


def _transition(change: Change, now: Now) -> Transition:
    return Transition(
        at=now.wall,
        subject=change.login or change.kind,
        before=change.before,
        after=change.after,
        reason=change.reason,
        duration_s=change.duration_s,
    )
