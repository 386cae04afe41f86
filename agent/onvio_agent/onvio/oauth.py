"""The token server: sign in with one factor or two, refresh, revoke, and whose an access token is.

One request each, no retries and no storage: who calls decides what an error means for a link. The
only callers of `refresh` and `revoke` are the actions of the same names. Answers are foreign: each
value is checked before it is believed. Tokens and passwords never show in a `repr`.
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

import msgspec

from onvio_agent.clock import Clock
from onvio_agent.onvio.answers import (
    MFA_GRANTS,
    Fields,
    failure,
    is_json,
    json_list,
    json_object,
    unexpected,
)
from onvio_agent.onvio.errors import Denied, ServerError, TokenRefused, clean
from onvio_agent.onvio.factors import Authenticator, CodeKind, read_authenticators
from onvio_agent.onvio.transport import Pairs, Request, Response, Transport, bearer, can_travel

SCOPE = "openid profile email"
OFFLINE_SCOPE = f"{SCOPE} offline_access"
"""With `offline_access` a refresh token is given."""
TOKEN_PATH, USERINFO_PATH, REVOKE_PATH = "/oauth/token", "/userinfo", "/oauth/revoke"
AUTHENTICATORS_PATH, CHALLENGE_PATH = "/mfa/authenticators", "/mfa/challenge"
_CODE_FIELDS: dict[CodeKind, str] = {
    "otp": "otp",
    "oob": "binding_code",
    "recovery-code": "recovery_code",
}
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
        tokens, _fields = await self._grant(
            ("grant_type", "password"),
            ("username", email),
            ("password", password),
            ("scope", OFFLINE_SCOPE if offline else SCOPE),
        )
        return _lasting(tokens) if offline else tokens

    async def authenticators(self, mfa_token: str) -> tuple[Authenticator, ...]:
        """What the account that `mfa_token` waits for can answer with.

        `Denied('signin.expired')` where the token has been waiting for too long.
        """
        request = Request(
            target="auth", method="GET", path=AUTHENTICATORS_PATH, headers=bearer(mfa_token)
        )
        response = await self._transport.send(request, deadline_s=self._deadline_s)
        try:
            return read_authenticators(json_list(request, response))
        except TokenRefused as refused:
            raise Denied(
                "signin.expired", error=refused.error, detail=refused.detail, target="auth"
            ) from None

    async def challenge(self, mfa_token: str, authenticator: Authenticator) -> str:
        """Have a code sent; the `oob_code` that names this challenge.

        `Denied('signin.no_factor')` where no code would have to be typed: a push message is not
        understood by this agent.
        """
        request = self._post(
            CHALLENGE_PATH,
            ("mfa_token", mfa_token),
            ("challenge_type", authenticator.kind),
            ("authenticator_id", authenticator.id),
            as_json=True,
        )
        response = await self._transport.send(request, deadline_s=self._deadline_s)
        fields = json_object(request, response)
        if fields.get("binding_method") != "prompt":
            raise Denied("signin.no_factor", error="binding_method", target="auth")
        return token_of(request, response, fields, "oob_code")

    async def code_grant(
        self, mfa_token: str, kind: CodeKind, code: str, *, oob_code: str | None, offline: bool
    ) -> tuple[TokenSet, str | None]:
        """Complete a sign-in with a code; also the next recovery code where one was spent.

        `Denied('auth.wrong_code')` leaves the sign-in open.
        """
        more = (("oob_code", oob_code),) if kind == "oob" and oob_code is not None else ()
        tokens, fields = await self._grant(
            ("grant_type", MFA_GRANTS[kind]),
            ("mfa_token", mfa_token),
            *more,
            (_CODE_FIELDS[kind], code),
        )
        return (_lasting(tokens) if offline else tokens), _shown(fields.get("recovery_code"))

    async def refresh(self, refresh_token: str) -> TokenSet:
        """Spend `refresh_token` for an access token and, where the server rotates, a successor."""
        tokens, _fields = await self._grant(
            ("grant_type", "refresh_token"), ("refresh_token", refresh_token)
        )
        return tokens

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

    async def _grant(self, *pairs: tuple[str, str]) -> tuple[TokenSet, Fields]:
        request = self._post(TOKEN_PATH, *pairs)
        now = self._clock.now()
        response = await self._transport.send(request, deadline_s=self._deadline_s)
        fields = json_object(request, response)
        if str(fields.get("token_type", "bearer")).lower() != "bearer":
            raise unexpected(request, response, "token_type is not Bearer")
        tokens = TokenSet(
            access_token=token_of(request, response, fields, "access_token"),
            refresh_token=token_of(request, response, fields, "refresh_token")
            if fields.get("refresh_token") is not None
            else None,
            expires_in_s=life_s(fields.get("expires_in")),
            obtained_at=now.wall,
            sent_mono=now.mono,
        )
        return tokens, fields

    def _post(self, path: str, *pairs: tuple[str, str], as_json: bool = False) -> Request:
        form: Pairs = (("client_id", self._client_id), *pairs)
        return Request(target="auth", method="POST", path=path, form=form, as_json=as_json)


def issuer_of(auth_url: str) -> str:
    """The issuer that `auth_url` stands for: lower-case scheme and host, ending in one slash.

    That is how Auth0 names itself (`https://auth.example.com/`); kept with each link, so that a
    `sub` of another server is another person.
    """
    parts = urlsplit(auth_url)
    return f"{parts.scheme.lower()}://{parts.netloc.lower()}{parts.path.rstrip('/')}/"


def _lasting(tokens: TokenSet) -> TokenSet:
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


def _shown(value: object) -> str | None:
    """A name or e-mail as text for people: cleaned; None where it is empty, absurd or no text."""
    if not isinstance(value, str) or len(value) > _TEXT_MAX:
        return None
    return clean(value) or None
