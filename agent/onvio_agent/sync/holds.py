"""Waits that concern more than one document: what was refused pauses, and nothing else does.

`post`, `poll` and `token` wait each for itself. Waits that ONVIO asked for outlive a restart; those
for causes of our own (no network) do not.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

import msgspec

from onvio_agent.onvio.errors import Busy, CloudError
from onvio_agent.store.base import Retry
from onvio_agent.store.waits import left_s
from onvio_agent.sync.parts import Parts
from onvio_agent.verdict.backoff import delay_s

What = Literal["post", "poll", "token"]
WHATS: tuple[What, ...] = ("post", "poll", "token")
_KEY = "sync:"
_OUTAGE_MAX_S = 60.0


class Hold(msgspec.Struct, frozen=True):
    """Why, and until when on the clock that cannot be set; None: until a person acts."""

    reason: str
    until: float | None
    is_own: bool = False


class Holds:
    """What is held now."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._held: dict[What, Hold] = {}
        self._failures: dict[What, int] = {}

    async def restore(self) -> None:
        """Take up the waits of an earlier run."""
        now = self._parts.clock.now()
        for retry in await self._parts.main_store.retries():
            for what in WHATS:
                if retry.key == _KEY + what and left_s(retry, now) > 0:
                    self._held[what] = Hold(retry.reason or "", now.mono + left_s(retry, now))

    def on(self, what: What) -> Hold | None:
        """What holds it back now."""
        held = self._held.get(what)
        if held is not None and held.until is not None and held.until <= self._parts.clock.mono():
            del self._held[what]
            return None
        return held

    def any(self) -> Hold | None:
        """The first one."""
        return next((held for what in WHATS if (held := self.on(what)) is not None), None)

    def next_end(self) -> float | None:
        """When the first of them ends."""
        ends = [held.until for what in WHATS if (held := self.on(what)) and held.until is not None]
        return min(ends, default=None)

    async def after(self, what: What, error: CloudError) -> None:
        """ONVIO refused to listen (`Busy`), or could not be reached: wait so long before the next."""
        if error.retry_after_s is not None:
            await self.ask_for(what, error.reason, error.retry_after_s)
            return
        failures = self._failures[what] = self._failures.get(what, 0) + 1
        retry = self._parts.settings.retry
        most = _OUTAGE_MAX_S if error.may_have_acted else retry.max_s
        wait_s = delay_s(failures, self._parts.rng.random(), first_s=retry.first_s, max_s=most)
        now = self._parts.clock.mono()
        own = not isinstance(error, Busy) and not error.may_have_acted
        self._held[what] = Hold(error.reason, now + wait_s, is_own=own)

    async def ask_for(self, what: What, reason: str, wait_s: float | None) -> None:
        """Hold it for so long, kept across restarts; None: until a person acts."""
        now = self._parts.clock.now()
        self._held[what] = Hold(reason, None if wait_s is None else now.mono + wait_s)
        if wait_s is not None:
            not_before = now.wall + timedelta(seconds=wait_s)
            retry = Retry(
                key=_KEY + what,
                failures=1,
                reason=reason,
                not_before=not_before,
                set_at=now.wall,
                set_mono=now.mono,
            )
            await self._parts.main_store.set_retry(retry)

    def wait_here(self, what: What, reason: str, wait_s: float) -> None:
        """Hold it for so long at most, for a cause of our own."""
        self._held[what] = Hold(reason, self._parts.clock.mono() + wait_s, is_own=True)

    def went_well(self, what: What) -> None:
        """It was answered."""
        self._failures.pop(what, None)

    def release(self, *, own_only: bool) -> None:
        """The network is back (`own_only`), or a person wants it tried again; never against ONVIO's
        own wish."""
        for what in WHATS:
            held = self._held.get(what)
            if held is not None and (held.is_own or (not own_only and held.until is None)):
                del self._held[what]
                self._failures.pop(what, None)
