"""Keeps the waits that must outlive a restart: ONVIO's own (429, Retry-After) and the back-off
after its outages. A restart loop must not become a way around them.

Waits for causes of our own (no network, a proxy) are not kept: after a start the first check is at
once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from onvio_agent.clock import Clock, Now
from onvio_agent.errors import StoreFailed
from onvio_agent.hub import Change, Hub, World
from onvio_agent.log import Log
from onvio_agent.store.base import Retry, Store
from onvio_agent.supervise import Tasks

_OWN_MAX_S = 3600.0


class Promises:
    """`hold` is the gate's callback; `follow` listens to the hub."""

    def __init__(
        self, store: Store, tasks: Tasks, log: Log, clock: Clock, kept: Iterable[Retry]
    ) -> None:
        self._store = store
        self._tasks = tasks
        self._log = log
        self._clock = clock
        self._saving = False
        self._kept: dict[str, Retry] = {retry.key: retry for retry in kept}
        self._pending: dict[str, Retry | None] = {}

    def follow(self, hub: Hub) -> None:
        """Begin to follow the hub."""
        hub.listen(self._on_change)

    def hold(self, target: str, not_before: datetime) -> None:
        """ONVIO's `target` server asked for silence until then."""
        now = self._clock.wall()
        self._set(
            Retry(key=target, failures=1, reason="onvio.limited", not_before=not_before, set_at=now)
        )

    def _on_change(self, _changes: list[Change], world: World, now: Now) -> None:
        connection = world.connection
        self._follow("connection", connection.failures, connection.reason, connection.retry_at, now)
        for user in world.office.users:
            link = world.links.get(user.id)
            if link is not None:
                self._follow(f"link:{user.id}", link.failures, link.trouble, link.retry_at, now)

    def _follow(
        self, key: str, failures: int, reason: str | None, retry_at: float | None, now: Now
    ) -> None:
        kept = self._kept.get(key)
        if failures and retry_at is not None and (reason or "").startswith("onvio."):
            if kept is None or (kept.failures, kept.reason) != (failures, reason):
                not_before = now.wall + timedelta(seconds=max(0.0, retry_at - now.mono))
                self._set(
                    Retry(
                        key=key,
                        failures=failures,
                        reason=reason,
                        not_before=not_before,
                        set_at=now.wall,
                    )
                )
        elif kept is not None:
            self._clear(key)

    def _set(self, retry: Retry) -> None:
        self._kept[retry.key] = retry
        self._pending[retry.key] = retry
        self._save()

    def _clear(self, key: str) -> None:
        del self._kept[key]
        self._pending[key] = None
        self._save()

    def _save(self) -> None:
        if not self._saving:
            self._saving = True
            self._tasks.spawn("promises", self._drain())

    async def _drain(self) -> None:
        while self._pending:
            key = next(iter(self._pending))
            retry = self._pending.pop(key)
            try:
                if retry is None:
                    await self._store.clear_retry(key)
                else:
                    await self._store.set_retry(retry)
            except StoreFailed as error:
                self._log.warning("promise.not_saved", key_name=key, reason=error.code)
        self._saving = False


def left_s(retry: Retry, wall: datetime) -> float:
    """Seconds still to wait after a restart; a wall clock that was set cannot stretch them."""
    whole_s = (retry.not_before - retry.set_at).total_seconds()
    return min(max(0.0, (retry.not_before - wall).total_seconds()), max(0.0, whole_s), _OWN_MAX_S)
