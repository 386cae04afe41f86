"""The simulated token server: sign-in by page and by password, refresh, /userinfo, revocation.

Why: the agent has to meet Auth0's statuses and error bodies as they really come.
It must not keep state of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from onvio_agent.simulator.accounts import Account, SignIn
from onvio_agent.simulator.browser_endpoint import AUTHORIZE_PATH, BrowserEndpoint, id_token
from onvio_agent.simulator.discovery import DISCOVERY_PATH, discovery
from onvio_agent.simulator.mfa_endpoints import CODE_FIELDS, MfaEndpoints
from onvio_agent.simulator.program_tokens import program_token
from onvio_agent.simulator.tokens import Grant
from onvio_agent.simulator.wire import (
    CloudRequest,
    CloudResponse,
    MalformedBody,
    Trace,
    fingerprint,
    json_answer,
    oauth_error,
    read_basic,
    read_bearer,
    read_fields,
)
from onvio_agent.simulator.world import World

_Handler = Callable[[CloudRequest, Trace], CloudResponse]
_BAD_REFRESH = "Unknown or invalid refresh token."


class TokenServer:
    """Answers what is asked of the target `auth`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._mfa = MfaEndpoints(world)
        self._browser = BrowserEndpoint(world)
        self._routes: dict[str, tuple[str, _Handler]] = {
            AUTHORIZE_PATH: ("GET", self._browser.show),
            "/oauth/token": ("POST", self._token),
            "/oauth/revoke": ("POST", self._revoke),
            "/userinfo": ("GET", self._userinfo),
            "/mfa/authenticators": ("GET", self._mfa.authenticators),
            "/mfa/challenge": ("POST", self._challenge),
            DISCOVERY_PATH: ("GET", self._discovery),
        }
        self._grants = {
            "password": self._by_password,
            "authorization_code": self._by_browser,
            "refresh_token": self._by_refresh,
            "client_credentials": self._by_client,
            **dict.fromkeys(CODE_FIELDS, self._by_code),
        }

    def answer(self, request: CloudRequest, trace: Trace) -> CloudResponse:
        """The answer to one request."""
        if request.path == AUTHORIZE_PATH and request.method == "POST":
            return self._browser.submit(request, trace)
        route = self._routes.get(request.path)
        if route is None:
            return oauth_error(trace, 404, "not_found", "Not found.")
        method, handler = route
        if request.method != method:
            allow = {"allow": method}
            return oauth_error(trace, 405, "invalid_request", "Method not allowed.", allow)
        return handler(request, trace)

    def _token(self, request: CloudRequest, trace: Trace) -> CloudResponse:
        fields = self._read(request, trace)
        if isinstance(fields, CloudResponse):
            return fields
        grant_type = fields.get("grant_type")
        trace.grant_type = grant_type
        if not grant_type:
            return _missing(trace, "grant_type")
        refused = self._check_client(request, fields, trace)
        if refused:
            return refused
        handler = self._grants.get(grant_type)
        if handler is None:
            text = f"Unsupported grant type: {grant_type[:80]}"
            return oauth_error(trace, 403, "unsupported_grant_type", text)
        return handler(fields, trace)

    def _read(self, request: CloudRequest, trace: Trace) -> dict[str, str] | CloudResponse:
        try:
            return read_fields(request)
        except MalformedBody:
            return oauth_error(trace, 400, "invalid_request", "The request body is malformed.")

    def _check_client(
        self, request: CloudRequest, fields: dict[str, str], trace: Trace
    ) -> CloudResponse | None:
        basic = read_basic(request)
        client_id = basic[0] if basic else fields.get("client_id")
        secret = basic[1] if basic else fields.get("client_secret")
        if not client_id:
            return _missing(trace, "client_id")
        seed = self._world.seed
        secret_asked = fields.get("grant_type") == "client_credentials" and seed.client_secret
        wrong_secret = (secret or secret_asked) and secret != seed.client_secret
        if client_id != seed.client_id or wrong_secret:
            return oauth_error(trace, 401, "invalid_client", "Unknown or wrong client.")
        trace.client_id = client_id
        return None

    def _by_password(self, fields: dict[str, str], trace: Trace) -> CloudResponse:
        if not self._world.seed.password_grant:
            text = "Grant type 'password' not allowed for the client."
            return oauth_error(trace, 403, "unauthorized_client", text)
        for field in ("username", "password"):
            if not fields.get(field):
                return _missing(trace, field)
        account = self._world.accounts.by_email(fields["username"])
        if account is None:
            return _wrong_password(trace)
        trace.account = account.email
        refused = self._sign_in(account, fields["password"], trace)
        if refused:
            return refused
        scope = fields.get("scope", "openid profile email")
        if account.second_factor is not None:
            return self._ask_second_factor(account, scope, trace)
        limits, now = self._world.limits, self._world.now()
        grant = self._world.tokens.open(account.sub, scope, now, limits.expires_in_s)
        return self._granted(grant, trace)

    def _ask_second_factor(self, account: Account, scope: str, trace: Trace) -> CloudResponse:
        token = self._world.second_factors.begin(account.sub, scope, self._world.now())
        self._world.changed()
        text = "Multifactor authentication required"
        return oauth_error(trace, 403, "mfa_required", text, mfa_token=token)

    def _challenge(self, request: CloudRequest, trace: Trace) -> CloudResponse:
        fields = self._read(request, trace)
        if isinstance(fields, CloudResponse):
            return fields
        return self._check_client(request, fields, trace) or self._mfa.challenge(fields, trace)

    def _by_code(self, fields: dict[str, str], trace: Trace) -> CloudResponse:
        done = self._mfa.complete(fields, trace)
        if isinstance(done, CloudResponse):
            return done
        limits, now = self._world.limits, self._world.now()
        grant = self._world.tokens.open(
            done.account.sub, done.scope, now, limits.expires_in_s, second_factor=True
        )
        return self._granted(grant, trace, recovery_code=done.recovery_code)

    def _by_browser(self, fields: dict[str, str], trace: Trace) -> CloudResponse:
        done = self._browser.redeem(fields, trace)
        if isinstance(done, CloudResponse):
            return done
        account = self._world.accounts.by_sub(done.sub)
        trace.account = account.email if account else None
        world, now = self._world, self._world.now()
        grant = world.tokens.open(
            done.sub, done.scope, now, world.limits.expires_in_s, second_factor=done.second_factor
        )
        token = id_token(
            done,
            issuer=f"{world.auth_url}/",
            client_id=world.seed.client_id,
            key=world.seed.client_secret,
            now=now,
        )
        return self._granted(grant, trace, id_token=token)

    def _sign_in(self, account: Account, password: str, trace: Trace) -> CloudResponse | None:
        world = self._world
        limit = world.limits.wrong_passwords
        outcome = world.accounts.sign_in(account, password, world.now(), limit)
        world.changed()
        if outcome is SignIn.TOO_MANY:
            text = "Your account has been blocked after multiple consecutive login attempts."
            return oauth_error(trace, 429, "too_many_attempts", text)
        if outcome is SignIn.WRONG:
            return _wrong_password(trace)
        if outcome is SignIn.DISABLED:
            return _blocked(trace)
        return None

    def _by_client(self, fields: dict[str, str], trace: Trace) -> CloudResponse:
        return program_token(self._world, fields, trace)

    def _by_refresh(self, fields: dict[str, str], trace: Trace) -> CloudResponse:
        token = fields.get("refresh_token")
        if not token:
            return _missing(trace, "refresh_token")
        trace.token_fingerprint = fingerprint(token)
        world = self._world
        account = world.accounts.by_sub(world.tokens.owner(token) or "")
        if account is None:
            return oauth_error(trace, 403, "invalid_grant", _BAD_REFRESH)
        trace.account = account.email
        if account.state == "disabled":
            return _blocked(trace)
        if account.is_settling(world.now()):
            return oauth_error(trace, 403, "invalid_grant", _BAD_REFRESH)
        if account.second_factor is not None and not world.tokens.has_second_factor(token):
            scope = "openid profile email offline_access"
            return self._ask_second_factor(account, scope, trace)
        grant = world.tokens.exchange(token, world.now(), world.limits.expires_in_s)
        world.changed()
        if grant is None:
            return oauth_error(trace, 403, "invalid_grant", _BAD_REFRESH)
        return self._granted(grant, trace)

    def _granted(
        self,
        grant: Grant,
        trace: Trace,
        *,
        recovery_code: str | None = None,
        id_token: str | None = None,
    ) -> CloudResponse:
        body: dict[str, str | int] = {
            "access_token": grant.access,
            "token_type": "Bearer",
            "expires_in": grant.expires_in_s,
            "scope": grant.scope,
        }
        body |= {"recovery_code": recovery_code} if recovery_code is not None else {}
        body |= {"refresh_expires_in": grant.session_s} if grant.session_s is not None else {}
        body |= {"id_token": id_token} if id_token is not None else {}
        if grant.refresh is not None:
            body["refresh_token"] = grant.refresh
            trace.issued_fingerprint = fingerprint(grant.refresh)
        return json_answer(200, body)

    def _revoke(self, request: CloudRequest, trace: Trace) -> CloudResponse:
        fields = self._read(request, trace)
        if isinstance(fields, CloudResponse):
            return fields
        refused = self._check_client(request, fields, trace)
        if refused:
            return refused
        token = fields.get("token")
        if not token:
            return _missing(trace, "token")
        trace.token_fingerprint = fingerprint(token)
        tokens = self._world.tokens
        access = tokens.find_access(token)
        sub = tokens.owner(token) or (access.sub if access else "")
        account = self._world.accounts.by_sub(sub)
        trace.account = account.email if account else None
        tokens.revoke_token(token)
        self._world.changed()
        return CloudResponse(200, {"cache-control": "no-store"}, b"")

    def _userinfo(self, request: CloudRequest, trace: Trace) -> CloudResponse:
        token = read_bearer(request)
        if token is None:
            challenge = {"www-authenticate": 'Bearer realm="userinfo"'}
            return oauth_error(trace, 401, "invalid_token", "No access token.", challenge)
        trace.token_fingerprint = fingerprint(token)
        account = self._holder(token)
        if account is None:
            text = "The access token is expired, revoked or malformed."
            challenge = {"www-authenticate": f'Bearer error="invalid_token", description="{text}"'}
            return oauth_error(trace, 401, "invalid_token", text, challenge)
        trace.account = account.email
        updated_at = datetime.fromtimestamp(account.updated_at, UTC)
        return json_answer(
            200,
            {
                "sub": account.sub,
                "email": account.email,
                "email_verified": True,
                "name": account.name,
                "updated_at": updated_at.isoformat(timespec="milliseconds"),
            },
        )

    def _holder(self, token: str) -> Account | None:
        access = self._world.tokens.find_access(token)
        if access is None or self._world.now() >= access.expires_at:
            return None
        account = self._world.accounts.by_sub(access.sub)
        return None if account is None or account.state == "disabled" else account

    def _discovery(self, _request: CloudRequest, _trace: Trace) -> CloudResponse:
        return json_answer(200, discovery(self._world.auth_url, list(self._grants)))


def _missing(trace: Trace, field: str) -> CloudResponse:
    return oauth_error(trace, 400, "invalid_request", f"Missing required parameter: {field}")


def _wrong_password(trace: Trace) -> CloudResponse:
    return oauth_error(trace, 403, "invalid_grant", "Wrong email or password.")


def _blocked(trace: Trace) -> CloudResponse:
    return oauth_error(trace, 403, "unauthorized", "user is blocked")
