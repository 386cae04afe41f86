"""The token server: sign in, refresh, revoke, and who an access token belongs to.

One request each, no retries and no storage: who calls decides what an error means for a link. The
only callers of `refresh` and `revoke` are the actions of the same names. Answers are foreign: each
value is checked before it is believed. Tokens and passwords never show in a `repr`.
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

import msgspec

from onvio_agent.clock import Clock
from onvio_agent.onvio.answers import Fields, failure, is_json, json_object, unexpected
from onvio_agent.onvio.errors import ServerError, clean
from onvio_agent.onvio.transport import Pairs, Request, Response, Transport, bearer

SCOPE = "openid profile email"
OFFLINE_SCOPE = f"{SCOPE} offline_access"
"""With `offline_access` a refresh token is given."""
TOKEN_PATH, USERINFO_PATH, REVOKE_PATH = "/oauth/token", "/userinfo", "/oauth/revoke"
_TOKEN_MAX = 16_384  # characters; real ones have some 100 (opaque) to 4,000 (JWT)
_LIFE_DEFAULT_S = 3600.0  # where the server names none: short, so that it is refreshed early
_LIFE_MAX_S = 30 * 86_400.0
_SUB_MAX, _TEXT_MAX = 255, 320  # OpenID Connect's bound of `sub`; the longest e-mail address


class TokenSet(msgspec.Struct, frozen=True, kw_only=True):
    """What a sign-in or refresh gave.

    `obtained_at` and `sent_mono` are the instant of *sending*: validity counts from there.
    `refresh_token` None after a refresh: not rotated, the old one stays good.
    """

    access_token: str
    refresh_token: str | None
    expires_in_s: float
    obtained_at: datetime
    sent_mono: float

    def __repr__(self) -> str:
        return f"<TokenSet for {self.expires_in_s:g} s from {self.obtained_at.isoformat()}>"


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a token belongs to. (`issuer`, `sub`) never changes; e-mail and name may."""

    issuer: str
    sub: str
    email: str | None
    name: str | None


class OAuth:
    """Talks to the token server through `transport` as `client_id`, `deadline_s` for each call.

    All methods raise `CloudError`s. After one whose `may_have_acted` is true, a refresh token that
    was presented may be spent.
    """

    def __init__(
        self, transport: Transport, *, client_id: str, issuer: str, clock: Clock, deadline_s: float
    ) -> None:
        self._transport = transport
        self._client_id = client_id
        self._issuer = issuer
        self._clock = clock
        self._deadline_s = deadline_s

    async def password_grant(self, email: str, password: str, *, offline: bool) -> TokenSet:
        """Sign in. `offline`: also get a refresh token (`ServerError` where none is given)."""
        tokens = await self._grant(
            ("grant_type", "password"),
            ("username", email),
            ("password", password),
            ("scope", OFFLINE_SCOPE if offline else SCOPE),
        )
        if offline and tokens.refresh_token is None:
            raise ServerError(
                "onvio.unexpected_answer",
                detail="no refresh token, though offline_access was asked for",
                target="auth",
            )
        return tokens

    async def refresh(self, refresh_token: str) -> TokenSet:
        """Spend `refresh_token` for an access token and, where the server rotates, a successor."""
        return await self._grant(("grant_type", "refresh_token"), ("refresh_token", refresh_token))

    async def revoke(self, refresh_token: str) -> None:
        """End `refresh_token` and all that came of it; returns only when the server confirmed.

        An unknown token is confirmed too (RFC 7009).
        """
        request = self._post(
            REVOKE_PATH, ("token", refresh_token), ("token_type_hint", "refresh_token")
        )
        response = await self._transport.send(request, deadline_s=self._deadline_s)
        if not 200 <= response.status < 300:
            raise failure(request, response)
        if response.body and not is_json(response):  # a page of somebody else confirms nothing
            raise unexpected(request, response, "not a confirmation")

    async def userinfo(self, access_token: str) -> Identity:
        """The authenticated round trip: whose token this is. `TokenRefused` on 401."""
        request = Request(
            target="auth", method="GET", path=USERINFO_PATH, headers=bearer(access_token)
        )
        response = await self._transport.send(request, deadline_s=self._deadline_s)
        fields = json_object(request, response)
        sub = fields.get("sub")
        if not isinstance(sub, str) or not 0 < len(sub) <= _SUB_MAX or not sub.isprintable():
            raise unexpected(request, response, "no sub")
        return Identity(
            issuer=self._issuer,
            sub=sub,
            email=_shown(fields.get("email")),
            name=_shown(fields.get("name")),
        )

    async def _grant(self, *pairs: tuple[str, str]) -> TokenSet:
        request = self._post(TOKEN_PATH, *pairs)
        now = self._clock.now()
        response = await self._transport.send(request, deadline_s=self._deadline_s)
        fields = json_object(request, response)
        if str(fields.get("token_type", "bearer")).lower() != "bearer":
            raise unexpected(request, response, "token_type is not Bearer")
        return TokenSet(
            access_token=_token(request, response, fields, "access_token"),
            refresh_token=_token(request, response, fields, "refresh_token")
            if fields.get("refresh_token") is not None
            else None,
            expires_in_s=_life_s(fields.get("expires_in")),
            obtained_at=now.wall,
            sent_mono=now.mono,
        )

    def _post(self, path: str, *pairs: tuple[str, str]) -> Request:
        form: Pairs = (("client_id", self._client_id), *pairs)
        return Request(target="auth", method="POST", path=path, form=form)


def issuer_of(auth_url: str) -> str:
    """The issuer that `auth_url` stands for: lower-case scheme and host, ending in one slash.

    That is how Auth0 names itself (`https://auth.example.com/`); kept with each link, so that a
    `sub` of another server is another person.
    """
    parts = urlsplit(auth_url)
    return f"{parts.scheme.lower()}://{parts.netloc.lower()}{parts.path.rstrip('/')}/"


def _token(request: Request, response: Response, fields: Fields, key: str) -> str:
    """A token that can travel in a header: visible ASCII, bounded."""
    value = fields.get(key)
    if (
        not isinstance(value, str)
        or not 0 < len(value) <= _TOKEN_MAX
        or not all("!" <= char <= "~" for char in value)
    ):
        raise unexpected(request, response, f"no usable {key}")
    return value


def _life_s(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
        return min(float(value), _LIFE_MAX_S)
    return _LIFE_DEFAULT_S


def _shown(value: object) -> str | None:
    """A name or e-mail as text for people: cleaned; None where it is empty, absurd or no text."""
    if not isinstance(value, str) or len(value) > _TEXT_MAX:
        return None
    return clean(value) or None
