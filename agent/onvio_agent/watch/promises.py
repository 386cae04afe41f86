"""Keeps the waits that must outlive a restart: ONVIO's own (429, Retry-After) and the back-off
after its outages. A restart loop must not become a way around them.

Waits for causes of our own (no network, a proxy) are not kept: after a start the first check is at
once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta

from onvio_agent.clock import Clock, Now
from onvio_agent.errors import StoreFailed
from onvio_agent.hub import Hub
from onvio_agent.log import Log
from onvio_agent.store.base import Retry, Store
from onvio_agent.store.waits import left_s
from onvio_agent.supervise import Tasks
from onvio_agent.verdict.backoff import is_asked_for
from onvio_agent.verdict.connection import ConnectionVerdict
from onvio_agent.verdict.link import LinkVerdict
from onvio_agent.world import Publication

_SERVERS = ("api", "auth")


class Promises:
    """`hold` is the gate's callback; `follow` listens to the hub.

    What could not be saved waits, one entry a key, and is tried again at the next publication.
    """

    def __init__(
        self, store: Store, tasks: Tasks, log: Log, clock: Clock, kept: Iterable[Retry]
    ) -> None:
        self._store = store
        self._tasks = tasks
        self._log = log
        self._clock = clock
        self._saving: asyncio.Task[None] | None = None
        self._is_told = False
        self._kept: dict[str, Retry] = {retry.key: retry for retry in kept}
        self._pending: dict[str, Retry | None] = {}
        now = clock.now()
        self._over_at: dict[str, float] = {  # of the servers' own waits
            key: now.mono + left_s(retry, now)
            for key, retry in self._kept.items()
            if key in _SERVERS
        }

    def follow(self, hub: Hub) -> None:
        """Begin to follow the hub."""
        hub.listen(self._on_change)

    def hold(self, target: str, not_before: datetime) -> None:
        """ONVIO's `target` server asked for silence until then."""
        now = self._clock.now()
        self._over_at[target] = now.mono + (not_before - now.wall).total_seconds()
        self._set(
            Retry(
                key=target,
                failures=1,
                reason="onvio.limited",
                not_before=not_before,
                set_at=now.wall,
                set_mono=now.mono,
            )
        )
        self._save()

    def _on_change(self, publication: Publication) -> None:
        world, now = publication.world, publication.now
        self._follow("connection", world.connection, now)
        for user in publication.users:
            self._follow(f"link:{user.id}", world.links[user.id], now)
        self._drop_kept(now)
        self._save()

    def _drop_kept(self, now: Now) -> None:
        """A promise that was kept is forgotten: a clock set back must not have it kept again."""
        if not self._over_at:
            return
        for key in [key for key, end in self._over_at.items() if end <= now.mono]:
            del self._over_at[key], self._kept[key]
            self._pending[key] = None

    def _follow(self, key: str, verdict: ConnectionVerdict | LinkVerdict, now: Now) -> None:
        kept, failures, reason = self._kept.get(key), verdict.failures, verdict.trouble
        if failures and verdict.retry_at is not None and is_asked_for(reason):
            if kept is None or (kept.failures, kept.reason) != (failures, reason):
                not_before = now.wall + timedelta(seconds=max(0.0, verdict.retry_at - now.mono))
                self._set(
                    Retry(
                        key=key,
                        failures=failures,
                        reason=reason,
                        not_before=not_before,
                        set_at=now.wall,
                        set_mono=now.mono,
                    )
                )
        elif kept is not None:
            del self._kept[key]
            self._pending[key] = None

    def _set(self, retry: Retry) -> None:
        self._kept[retry.key] = retry
        self._pending[retry.key] = retry

    def _save(self) -> None:
        if self._pending and (self._saving is None or self._saving.done()):
            self._saving = self._tasks.spawn("promises", self._drain())

    async def _drain(self) -> None:
        while self._pending:
            key, retry = next(iter(self._pending.items()))
            try:
                if retry is None:
                    await self._store.clear_retry(key)
                else:
                    await self._store.set_retry(retry)
            except StoreFailed as error:
                self._tell(key, error)
                return
            self._is_told = False
            if self._pending[key] is retry:  # else a newer one is to be saved as well
                del self._pending[key]

    def _tell(self, key: str, error: StoreFailed) -> None:
        """Once, until something can be saved again."""
        if not self._is_told:
            self._is_told = True
            self._log.warning("promise.not_saved", key_name=key, reason=error.code)
