"""The only spender of refresh tokens.

The order is the whole point: commit the intent, send, commit the successor, use it. Whatever is
killed in between, a token whose successor was stored is never presented again; an answer that was
lost is asked for once more with the stored token, which ONVIO may still take.
"""

from __future__ import annotations

import msgspec

from onvio_agent.actions.desk import Cached, Desk, Unsaved
from onvio_agent.actions.revoke import discard
from onvio_agent.clock import Now
from onvio_agent.errors import VaultFailed
from onvio_agent.office.model import User
from onvio_agent.onvio.token_set import TokenSet, age_s
from onvio_agent.store.base import Tokens, revocation_row, tokens_row

_EARLY_S = 60.0  # a token is renewed this long before it expires: checks take seconds


class LinkMoved(Exception):
    """The link is of another generation by now: whatever was learnt about the old one is void."""

    is_expected = True


async def seal_tokens(
    desk: Desk, user_id: int, generation: int, tokens: TokenSet, *, may_renew: bool = False
) -> bytes:
    """`tokens` as the store may keep them. `may_renew`: a person has just signed in."""
    row = tokens_row(user_id, generation)
    return await desk.vault.seal(msgspec.json.encode(tokens), row=row, may_renew=may_renew)


async def access_token(desk: Desk, user: User, *, renew: bool = False) -> str:
    """An access token of the user's link that is stored and at most an hour old.

    `renew` asks for a new one even so: ONVIO has just refused the old. Call it with the user's
    turn held. Raises `LinkMoved`, `StoreFailed`, `VaultFailed` or what ONVIO answers.
    """
    await _save_unsaved(desk, user)
    cached = await _cached(desk, user)
    if not renew and desk.clock.mono() < cached.fresh_until:
        return cached.tokens.access_token
    return await _refresh(desk, user, cached)


async def _cached(desk: Desk, user: User) -> Cached:
    cached = desk.cached.get(user.id)
    if cached is not None and cached.generation == user.link.generation:
        return cached
    stored = await desk.store.tokens(user.id, user.link.generation)
    if stored is None:
        await _explain_absence(desk, user)
        raise LinkMoved
    return remember(desk, stored, await _opened(desk, stored))


async def _explain_absence(desk: Desk, user: User) -> None:
    """A current link without tokens needs its person; otherwise the link has moved on."""
    office = await desk.store.office()
    current = office.by_id(user.id)
    if current is not None and current.link == user.link:
        raise VaultFailed("vault.lost")


async def _opened(desk: Desk, stored: Tokens) -> TokenSet:
    row = tokens_row(stored.user_id, stored.generation)
    return msgspec.json.decode(await desk.vault.open(stored.sealed, row=row), type=TokenSet)


def remember(desk: Desk, stored: Tokens, tokens: TokenSet) -> Cached:
    """Keep what is committed. How long it is fresh is counted anew on the unsettable clock.

    A wall clock before the token's own time tells nothing at all: the token counts as too old.
    """
    now = desk.clock.now()
    keep_s = min(desk.settings.links.refresh_after_s, tokens.expires_in_s - _EARLY_S)
    left_s = keep_s - age_s(tokens, now) if now.wall >= tokens.obtained_at else 0.0
    session_ends_at = None
    if tokens.session_s is not None:
        session_ends_at = now.mono + tokens.session_s - age_s(tokens, now)
    cached = Cached(stored.generation, stored.serial, tokens, now.mono + left_s, session_ends_at)
    desk.cached[stored.user_id] = cached
    return cached


async def forget(desk: Desk, user_id: int) -> None:
    """Drop what memory holds of a link that was replaced or ended, after that was committed.

    A successor that the store could not take is known to nobody else: it is revoked.
    """
    desk.cached.pop(user_id, None)
    unsaved = desk.unsaved.pop(user_id, None)
    if unsaved is not None:
        await discard(desk, user_id, unsaved.tokens)


async def _refresh(desk: Desk, user: User, cached: Cached) -> str:
    await desk.vault.keep()
    started = await desk.store.start_refresh(
        user.id, cached.generation, cached.serial, at=desk.clock.wall()
    )
    if not started or cached.tokens.refresh_token is None:
        desk.cached.pop(user.id, None)
        raise LinkMoved
    new = await desk.oauth.refresh(cached.tokens.refresh_token)
    if new.refresh_token is None:  # a server that does not rotate: the old one stays good
        new = _with_former_session(new, cached.tokens)
    desk.unsaved[user.id] = Unsaved(cached.generation, cached.serial, new)
    await _save_unsaved(desk, user)
    desk.log.debug("tokens.refreshed", user=user.login)
    return new.access_token


def _with_former_session(new: TokenSet, former: TokenSet) -> TokenSet:
    """`new` with the refresh token of before, and with its end where `new` tells none."""
    ends_s = new.session_s
    if ends_s is None and former.session_s is not None:
        ends_s = former.session_s - age_s(former, Now(new.sent_mono, new.obtained_at))
    return msgspec.structs.replace(new, refresh_token=former.refresh_token, session_s=ends_s)


async def _save_unsaved(desk: Desk, user: User) -> None:
    """Commit a successor that only memory holds; the token before it must not be sent again."""
    unsaved = desk.unsaved.get(user.id)
    if unsaved is None:
        return
    refresh_token = unsaved.tokens.refresh_token or ""
    async with desk.vault.hold():
        sealed = await seal_tokens(desk, user.id, unsaved.generation, unsaved.tokens)
        orphan = await desk.vault.seal(refresh_token.encode(), row=revocation_row(user.id))
        stored = await desk.store.store_refreshed(
            user.id, unsaved.generation, unsaved.serial, sealed, orphan, at=desk.clock.wall()
        )
    desk.unsaved.pop(user.id, None)
    if not stored:
        desk.cached.pop(user.id, None)
        desk.kick_revocations()
        raise LinkMoved
    row = Tokens(
        user_id=user.id, generation=unsaved.generation, serial=unsaved.serial + 1, sealed=sealed
    )
    remember(desk, row, unsaved.tokens)
