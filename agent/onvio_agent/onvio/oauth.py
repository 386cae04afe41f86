"""The token server: sign in with one factor or two, refresh, revoke, and whose an access token is.

One request each, no retries and no storage: who calls decides what an error means for a link. Only
where an endpoint is not there at all (404) is the server asked where it is, once. The
only callers of `refresh` and `revoke` are the actions of the same names. Answers are foreign: each
value is checked before it is believed. Tokens and passwords never show in a `repr`.
"""

from __future__ import annotations

from collections.abc import Callable
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
from onvio_agent.onvio.errors import Denied, TokenRefused, clean
from onvio_agent.onvio.factors import Authenticator, CodeKind, read_authenticators
from onvio_agent.onvio.oidc import (
    DISCOVERY_PATH,
    Attempt,
    authorize_url,
    check_id_token,
    read_endpoints,
    usual_endpoints,
)
from onvio_agent.onvio.token_set import TokenSet, lasting, life_s, session_s, token_of
from onvio_agent.onvio.transport import Pairs, Request, Response, Transport, bearer

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
_NOT_THERE = (404, 405)
_SUB_MAX, _TEXT_MAX = 255, 320  # OpenID Connect's bound of `sub`; the longest e-mail address


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
        self.endpoints = usual_endpoints(issuer)
        self._has_looked = False

    async def discover(self) -> None:
        """Ask the server where its endpoints are, once in a run; a server without that has the usual ones."""
        if self._has_looked:
            return
        request = Request(target="auth", method="GET", path=DISCOVERY_PATH)
        response = await self._transport.send(request, deadline_s=self._deadline_s)
        if response.status not in _NOT_THERE:
            self.endpoints = read_endpoints(self._issuer, json_object(request, response))
        self._has_looked = True

    def authorize_url(self, attempt: Attempt, *, offline: bool, email: str | None) -> str:
        """Where a browser signs in. `email`: to be filled in on the page."""
        scope = OFFLINE_SCOPE if offline else SCOPE
        return authorize_url(
            self.endpoints, attempt, client_id=self._client_id, scope=scope, email=email
        )

    async def browser_grant(
        self, attempt: Attempt, code: str, *, offline: bool
    ) -> tuple[TokenSet, object]:
        """Exchange the code that a browser has brought back; also the id token, not judged yet.

        `Denied('signin.expired')` where the server does not take the code (any more).
        """
        tokens, fields = await self._grant(
            ("grant_type", "authorization_code"),
            ("code", code),
            ("code_verifier", attempt.verifier),
            ("redirect_uri", attempt.redirect_uri),
        )
        return (lasting(tokens) if offline else tokens), fields.get("id_token")

    def sub_of(self, id_token: object, attempt: Attempt, *, now: datetime) -> str:
        """Whom an id token names; `ServerError` where it is not of this sign-in."""
        return check_id_token(id_token, attempt, self.endpoints, client_id=self._client_id, now=now)

    async def password_grant(self, email: str, password: str, *, offline: bool) -> TokenSet:
        """Sign in. `offline`: also get a refresh token (`ServerError` where none is given)."""
        tokens, _fields = await self._grant(
            ("grant_type", "password"),
            ("username", email),
            ("password", password),
            ("scope", OFFLINE_SCOPE if offline else SCOPE),
        )
        return lasting(tokens) if offline else tokens

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
        return (lasting(tokens) if offline else tokens), _shown(fields.get("recovery_code"))

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
        request, response = await self._ask(
            lambda: self._post(
                self.endpoints.revoke_path,
                ("token", refresh_token),
                ("token_type_hint", "refresh_token"),
            )
        )
        if not 200 <= response.status < 300:
            raise failure(request, response)
        if response.body and not is_json(response):  # a page of somebody else confirms nothing
            raise unexpected(request, response, "not a confirmation")

    async def userinfo(self, access_token: str) -> Identity:
        """The authenticated round trip: whose token this is. `TokenRefused` on 401."""
        request, response = await self._ask(
            lambda: Request(
                target="auth",
                method="GET",
                path=self.endpoints.userinfo_path,
                headers=bearer(access_token),
            )
        )
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
        now = self._clock.now()
        request, response = await self._ask(lambda: self._post(self.endpoints.token_path, *pairs))
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
            session_s=session_s(fields),
        )
        return tokens, fields

    async def _ask(self, make: Callable[[], Request]) -> tuple[Request, Response]:
        request = make()
        response = await self._transport.send(request, deadline_s=self._deadline_s)
        if response.status in _NOT_THERE and not self._has_looked:
            await self.discover()
            if make().path != request.path:
                request = make()
                response = await self._transport.send(request, deadline_s=self._deadline_s)
        return request, response

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


def _shown(value: object) -> str | None:
    """A name or e-mail as text for people: cleaned; None where it is empty, absurd or no text."""
    if not isinstance(value, str) or len(value) > _TEXT_MAX:
        return None
    return clean(value) or None
