"""Tokens as the token server's answers give them, each value checked before it is believed. Pure."""

from __future__ import annotations

from datetime import datetime

import msgspec

from onvio_agent.clock import Now
from onvio_agent.onvio.answers import Fields, unexpected
from onvio_agent.onvio.errors import ServerError
from onvio_agent.onvio.transport import Request, Response, can_travel

_LIFE_DEFAULT_S = 3600.0  # where the server names none: short, so that it is refreshed early
_LIFE_MAX_S = 30 * 86_400.0
_SESSION_KEYS = ("refresh_expires_in", "refresh_token_expires_in")
_SESSION_MAX_S = 10 * 366 * 86_400.0  # beyond, nobody need be told


class TokenSet(msgspec.Struct, frozen=True, kw_only=True):
    """What a sign-in or refresh gave.

    `obtained_at` and `sent_mono` are the instant of *sending*: validity counts from there.
    `refresh_token` None after a refresh: not rotated, the old one stays good. `session_s`: so long
    after that instant the session ends for good; None where the server does not say.
    """

    access_token: str
    refresh_token: str | None
    expires_in_s: float
    obtained_at: datetime
    sent_mono: float
    session_s: float | None = None

    def __repr__(self) -> str:
        return f"<TokenSet for {self.expires_in_s:g} s from {self.obtained_at.isoformat()}>"


def age_s(tokens: TokenSet, now: Now) -> float:
    """How old they are, of two clocks by the one that tells more.

    After a restart both may tell too little: somebody may have set the one back, and the other begins
    anew with the machine.
    """
    return max((now.wall - tokens.obtained_at).total_seconds(), now.mono - tokens.sent_mono)


def lasting(tokens: TokenSet) -> TokenSet:
    """`tokens`, seen to hold a refresh token."""
    if tokens.refresh_token is None:
        raise ServerError(
            "onvio.unexpected_answer",
            detail="no refresh token, though offline_access was asked for",
            target="auth",
        )
    return tokens


def token_of(request: Request, response: Response, fields: Fields, key: str) -> str:
    """A token that can travel in a header."""
    value = fields.get(key)
    if not isinstance(value, str) or not can_travel(value):
        raise unexpected(request, response, f"no usable {key}")
    return value


def life_s(value: object) -> float:
    """Seconds of `expires_in`, bounded; an hour where none is named."""
    if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
        return min(float(value), _LIFE_MAX_S)
    return _LIFE_DEFAULT_S


def session_s(fields: Fields) -> float | None:
    """Seconds until the session ends for good, where the answer says it; no standard names the key."""
    for key in _SESSION_KEYS:
        value = fields.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value) if 0 < value < _SESSION_MAX_S else None
    return None
