"""The program's own token: one for all requests, kept sealed across restarts, asked for seldom.

Single flight; every request is counted durably before it is sent; a token that ONVIO refuses is
replaced once and not again for a while; nothing is asked by timer after a definitive no.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import msgspec

from onvio_agent.clock import Now
from onvio_agent.errors import StoreFailed, VaultFailed
from onvio_agent.onvio.errors import CloudError, Denied, NotSent
from onvio_agent.onvio.integration_token import Credentials, ProgramToken, ask_token
from onvio_agent.onvio.token_budget import DAILY_MAX, REMEMBERED, asked_today
from onvio_agent.onvio.transport import Transport
from onvio_agent.store.sync_base import TOKEN_ROW, KeptToken
from onvio_agent.sync.parts import Parts

_EARLY_S = 120.0  # a token must not end on its way
_REPLACED_MIN_S = 3600.0  # a new one that is refused as well: the fault is elsewhere
_SECRET_MAX = 4096
_SAME_FAILURE_S = 1.0
_OF_THE_DELIVERY = {"auth.client_refused": "sync.client_refused"}
"""The delivery has a registration of its own, and other settings to be looked at."""


class NoToken(Exception):
    """None can be had now. `retry_s` None: not by itself, a person has to act."""

    def __init__(self, reason: str, retry_s: float | None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_s = retry_s


class _Held(msgspec.Struct, frozen=True):
    token: str
    until: float


class TokenKeeper:
    """See the module docstring."""

    def __init__(self, parts: Parts, transport: Transport) -> None:
        self._parts = parts
        self._transport = transport
        self._turn = asyncio.Lock()
        self._held: _Held | None = None
        self._denied: str | None = None
        self._refused_at: float | None = None
        self._failed: NoToken | None = None
        self._failed_until = 0.0

    async def token(self) -> str:
        """A token that is good now. Raises `NoToken`, `VaultFailed`, `StoreFailed`."""
        async with self._turn:
            now = self._parts.clock.now()
            if self._held is None:
                self._held = await self._kept(now)
            if self._held is None or now.mono >= self._held.until:
                self._held = await self._ask_once(now)
            return self._held.token

    async def _ask_once(self, now: Now) -> _Held:
        """Those who waited for a request that failed do not each send one more."""
        if self._failed is not None and now.mono < self._failed_until:
            raise NoToken(self._failed.reason, self._failed.retry_s) from self._failed.__cause__
        try:
            return await self._ask(now)
        except NoToken as error:
            self._failed = error
            self._failed_until = self._parts.clock.mono() + _SAME_FAILURE_S
            raise

    async def refused(self, token: str) -> None:
        """ONVIO did not take `token`. Raises `NoToken` where a new one would not help."""
        async with self._turn:
            if self._held is None or self._held.token != token:
                return
            now = self._parts.clock.mono()
            last, self._refused_at = self._refused_at, now
            if last is not None and now - last < _REPLACED_MIN_S:
                raise NoToken("sync.token_refused", _REPLACED_MIN_S)
            self._held = None
            await self._parts.store.drop_token()

    def try_again(self) -> None:
        """A person has acted: a no is no longer the last word."""
        self._denied = self._refused_at = self._failed = None

    async def _kept(self, now: Now) -> _Held | None:
        kept = await self._parts.store.token()
        if kept is None:
            return None
        left_s = kept.due_mono - now.mono
        if kept.set_mono > now.mono:  # of another run of the machine
            left_s = min((kept.expires_at - now.wall).total_seconds(), 86_400.0)
        if left_s <= 0:
            return None
        try:
            opened = await self._parts.vault.open(kept.sealed, row=TOKEN_ROW)
        except VaultFailed as error:
            if error.code != "vault.lost":
                raise
            return None
        return _Held(opened.decode(), now.mono + left_s)

    async def _ask(self, now: Now) -> _Held:
        if self._denied is not None:
            raise NoToken(self._denied, None)
        parts = self._parts
        today = asked_today(await parts.store.token_requests(), now)
        if today >= DAILY_MAX:
            raise NoToken("auth.budget_spent", 3600.0)
        credentials = await self._credentials()
        number = await parts.store.note_token_request(now, keep=REMEMBERED)
        try:
            given = await ask_token(
                self._transport,
                credentials,
                clock=parts.clock,
                deadline_s=parts.settings.links.deadline_s,
            )
        except NotSent as error:
            await parts.store.unnote_token_request(number)
            raise NoToken(error.reason, 0.0) from error
        except Denied as error:
            parts.log.info("sync.token_asked", tokens_today=today + 1)
            self._denied = _OF_THE_DELIVERY.get(error.reason, error.reason)
            raise NoToken(self._denied, None) from error
        except CloudError as error:
            parts.log.info("sync.token_asked", tokens_today=today + 1)
            raise NoToken(error.reason, max(error.retry_after_s or 0.0, 300.0)) from error
        parts.log.info("sync.token_asked", tokens_today=today + 1)
        life_s = max(given.life_s - _EARLY_S, given.life_s / 2)
        try:
            await self._keep(given, life_s)
        except (StoreFailed, VaultFailed) as error:  # used all the same: the next one would count
            parts.not_saved(error)
        return _Held(given.token, given.sent.mono + life_s)

    async def _keep(self, given: ProgramToken, life_s: float) -> None:
        parts = self._parts
        async with parts.vault.hold():
            sealed = await parts.vault.seal(given.token.encode(), row=TOKEN_ROW)
            await parts.store.keep_token(
                KeptToken(
                    sealed=sealed,
                    expires_at=given.sent.wall + timedelta(seconds=life_s),
                    due_mono=given.sent.mono + life_s,
                    set_mono=given.sent.mono,
                )
            )

    async def _credentials(self) -> Credentials:
        sync = self._parts.settings.sync
        if not sync.client_id or not sync.client_secret_file:
            raise NoToken("sync.not_set_up", None)
        path = Path(sync.client_secret_file)
        try:
            secret = await self._parts.exec.run(lambda: _first_line(path))
        except (OSError, UnicodeDecodeError) as error:
            raise NoToken("sync.secret_unreadable", 60.0) from error
        if not secret:
            raise NoToken("sync.secret_unreadable", 60.0)
        return Credentials(sync.client_id, secret, basic=sync.auth_method == "basic")


def _first_line(path: Path) -> str:
    with path.open("rb") as file:
        return file.readline(_SECRET_MAX).decode("utf-8").strip()
