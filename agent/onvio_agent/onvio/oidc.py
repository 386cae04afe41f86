"""OpenID Connect, as far as a sign-in in the browser needs it: endpoints, the address, what comes back.

Pure. Authorization code with PKCE S256 (RFC 7636) for a public client whose redirect leads to this
machine (RFC 8252). The id token comes from the token server itself over verified TLS, so its signature
need not be looked at (OpenID Connect Core 3.1.3.7, point 6); its claims are.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec

from onvio_agent.onvio.errors import CloudError, Denied, ServerError

DISCOVERY_PATH = "/.well-known/openid-configuration"
SKEW_S = 300.0
"""So far may the clocks of server and workstation be apart; more is `clock.skewed`, here as elsewhere."""

_TEXT_MAX = 2000  # characters of an address or of a claim
_GIVEN_UP = ("access_denied", "login_required", "interaction_required", "consent_required",
             "account_selection_required")  # fmt: skip
_PASSING = ("server_error", "temporarily_unavailable")
_OUR_FAULT = ("unauthorized_client", "invalid_request", "invalid_scope", "unsupported_response_type",
              "invalid_client")  # fmt: skip


class Endpoints(msgspec.Struct, frozen=True, kw_only=True):
    """Where the token server is asked for what. Paths are below `onvio.auth_url`; `issuer` is how its
    id tokens name it."""

    issuer: str
    authorize_url: str
    token_path: str = "/oauth/token"  # noqa: S105 - a path, not a token
    userinfo_path: str = "/userinfo"
    revoke_path: str = "/oauth/revoke"


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One sign-in in a browser: what was made up for it. `state`, `nonce` and above all `verifier` are
    secrets until it is over."""

    state: str
    nonce: str
    verifier: str
    redirect_uri: str

    def __repr__(self) -> str:
        return "<Attempt>"


def usual_endpoints(auth_url: str) -> Endpoints:
    """Those of an Auth0 tenant, which the real token server is."""
    base = auth_url.rstrip("/")
    return Endpoints(issuer=f"{base}/", authorize_url=f"{base}/authorize")


def read_endpoints(auth_url: str, fields: Mapping[str, object]) -> Endpoints:
    """What a discovery document says, where it speaks for `auth_url` and for nobody else.

    Raises `ServerError`: tokens go to no other server than the one in the settings.
    """
    usual = usual_endpoints(auth_url)
    issuer = _text(fields.get("issuer"))
    if issuer.rstrip("/").lower() != auth_url.rstrip("/").lower():
        raise _strange("discovery speaks for another issuer")
    authorize_url = _text(fields.get("authorization_endpoint")) or usual.authorize_url
    if urlsplit(authorize_url).scheme != "https" and not authorize_url.startswith(
        f"{auth_url.rstrip('/')}/"
    ):
        raise _strange("discovery: authorization_endpoint is not https")
    return Endpoints(
        issuer=issuer,
        authorize_url=authorize_url,
        token_path=_below(auth_url, fields, "token_endpoint") or usual.token_path,
        userinfo_path=_below(auth_url, fields, "userinfo_endpoint") or usual.userinfo_path,
        revoke_path=_below(auth_url, fields, "revocation_endpoint") or usual.revoke_path,
    )


def authorize_url(
    endpoints: Endpoints, attempt: Attempt, *, client_id: str, scope: str, email: str | None
) -> str:
    """What the browser is to open. `prompt=login`: whoever sits there proves to be the person, even
    where the browser still knows somebody (S6); a lasting session must be consented to as well."""
    challenge = _b64(hashlib.sha256(attempt.verifier.encode()).digest())
    prompt = "login consent" if "offline_access" in scope.split() else "login"
    pairs = [
        ("response_type", "code"),
        ("client_id", client_id),
        ("redirect_uri", attempt.redirect_uri),
        ("scope", scope),
        ("state", attempt.state),
        ("nonce", attempt.nonce),
        ("code_challenge", challenge),
        ("code_challenge_method", "S256"),
        ("prompt", prompt),
        *((("login_hint", email),) if email else ()),
    ]
    joint = "&" if "?" in endpoints.authorize_url else "?"
    return f"{endpoints.authorize_url}{joint}{urlencode(pairs)}"


def read_redirect(attempt: Attempt, endpoints: Endpoints, query: str) -> str | CloudError | None:
    """What the browser has brought back: the code, or why there is none.

    None: it does not belong to this sign-in, whoever sent it; the sign-in stays open.
    """
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=20)
    except ValueError:
        return None
    fields = dict(pairs)
    state = fields.get("state", "")
    if not hmac.compare_digest(state.encode(), attempt.state.encode()):
        return None
    if len(fields) != len(pairs) or fields.get("iss", endpoints.issuer) != endpoints.issuer:
        return _strange("the browser's answer names another issuer, or a field twice")
    if "error" in fields:
        return _refusal(fields["error"], fields.get("error_description", ""))
    code = fields.get("code", "")
    return code if 0 < len(code) <= _TEXT_MAX else _strange("no code")


def check_id_token(
    token: object, attempt: Attempt, endpoints: Endpoints, *, client_id: str, now: datetime
) -> str:
    """The `sub` that an id token names, once it is seen to be of this server, for this agent and from
    this very sign-in. Raises `ServerError`; `clock.skewed` where only its end is wrong."""
    claims = _claims(token)
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    sub = claims.get("sub")
    if claims.get("iss") != endpoints.issuer:
        raise _strange("id token: iss")
    if client_id not in audiences or (len(audiences) > 1 and claims.get("azp") != client_id):
        raise _strange("id token: aud")
    if claims.get("nonce") != attempt.nonce:
        raise _strange("id token: nonce")
    if not isinstance(sub, str) or not sub:
        raise _strange("id token: sub")
    _check_end(claims.get("exp"), now.timestamp())
    return sub


def _check_end(ends_at: object, now: float) -> None:
    """It was made a moment ago: one that has ended already shows that the clock here is ahead. One that
    is behind harms nobody: that the token is fresh follows from nonce and code."""
    if not isinstance(ends_at, int | float) or isinstance(ends_at, bool):
        raise _strange("id token: exp")
    if now > ends_at + SKEW_S:
        raise ServerError("clock.skewed", detail="id token: exp", target="auth")


def _claims(token: object) -> Mapping[str, object]:
    parts = token.split(".") if isinstance(token, str) else []
    try:
        claims = msgspec.json.decode(urlsafe_b64decode(parts[1] + "=="), type=dict[str, object])
    except (IndexError, ValueError, RecursionError, msgspec.MsgspecError):
        raise _strange("no id token") from None
    if len(parts) != 3:
        raise _strange("no id token")
    return claims


def _refusal(error: str, description: str) -> CloudError:
    told = f"{error}: {description}"
    if error in _PASSING:
        return ServerError("onvio.unavailable", detail=told, target="auth")
    for known, reason in ((_GIVEN_UP, "signin.cancelled"), (_OUR_FAULT, "auth.client_refused")):
        if error in known:
            return Denied(reason, error=error, detail=told, target="auth")
    return _strange(told)


def _below(auth_url: str, fields: Mapping[str, object], key: str) -> str:
    """The path of an endpoint below `auth_url`; empty where the document names none."""
    url = _text(fields.get(key))
    base = auth_url.rstrip("/")
    if not url:
        return ""
    path = url[len(base) :]
    if url[: len(base)].lower() != base.lower() or not path.startswith("/") or "?" in path:
        raise _strange(f"discovery: {key} is on another server")
    return path


def _text(value: object) -> str:
    fits = isinstance(value, str) and len(value) <= _TEXT_MAX and value.isprintable()
    return str(value) if fits else ""


def _b64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _strange(what: str) -> ServerError:
    return ServerError("onvio.unexpected_answer", detail=what, target="auth")
