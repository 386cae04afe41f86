"""Reads ONVIO's answers: a JSON object, or the error that an answer means. Pure.

The one place where statuses and error codes of the token server (an Auth0 tenant) and the API are
classified: by `error` first, by status second, by text only where ONVIO has no code. Only an answer
that is surely ONVIO's own (4xx, JSON or a Bearer challenge) may be definitive; 5xx and HTML never
are, whatever they contain. What the request kept secret is cut out of every text.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from urllib.parse import quote, quote_plus

import msgspec

from onvio_agent.onvio.errors import (
    Busy,
    CloudError,
    Denied,
    NotSent,
    ServerError,
    TokenRefused,
)
from onvio_agent.onvio.pauses import pause_s
from onvio_agent.onvio.transport import Request, Response, can_travel

Fields = Mapping[str, object]

_MFA = "http://auth0.com/oauth/grant-type/mfa-"
MFA_GRANTS = {
    "otp": f"{_MFA}otp",
    "oob": f"{_MFA}oob",
    "recovery-code": f"{_MFA}recovery-code",
}
"""The grants that complete a sign-in with a second factor's code."""

_DENIALS = {
    "invalid_client": "auth.client_refused",
    "access_denied": "auth.client_refused",
    "unauthorized_client": "auth.client_refused",
    "unsupported_grant_type": "auth.client_refused",
    "too_many_attempts": "auth.blocked",
    "mfa_required": "link.second_factor",
    "expired_token": "signin.expired",
    "unsupported_challenge_type": "signin.no_factor",
    "association_required": "signin.no_factor",
    "unauthorized": "link.account_disabled",
}
_DENIALS_BY_GRANT = {
    "password": {
        "invalid_grant": "auth.wrong_password",
        "invalid_user_password": "auth.wrong_password",
        "password_leaked": "auth.wrong_password",  # its next step is a reset, as it must be
        "unauthorized_client": "auth.grant_refused",
        "unsupported_grant_type": "auth.grant_refused",
        "requires_validation": "auth.grant_refused",  # a puzzle that only a browser can show
    },
    "authorization_code": {"invalid_grant": "signin.expired"},
    "refresh_token": {
        "invalid_grant": "link.session_ended",
        "login_required": "link.session_ended",
        "interaction_required": "link.session_ended",
    },
    **{
        grant: {
            "invalid_grant": "auth.wrong_code",
            "unauthorized_client": "auth.grant_refused",
            "unsupported_grant_type": "auth.grant_refused",
        }
        for grant in MFA_GRANTS.values()
    },
}
_TEXT_KEYS = ("detail", "message", "error_description", "error", "title")
_REQUEST_ID_HEADERS = ("x-auth0-requestid", "x-request-id", "x-correlation-id")
_OPEN_FORM_KEYS = ("grant_type", "client_id", "scope", "audience", "token_type_hint",
                   "challenge_type", "authenticator_id")  # fmt: skip
_KEY_HEADER = "x-integration-key"
_BLOCKED = ("user is blocked", "user is disabled", "account is disabled")
_TOKEN_TEXTS = ("token has expired", "incorrectly formatted token")
_SHORTEST_CUT = 4  # a shorter secret would match by chance: then the whole text is dropped


def json_object(request: Request, response: Response) -> Fields:
    """The JSON object of a 2xx answer. Raises what `failure` says of any other."""
    value = _json_value(request, response)
    if not isinstance(value, dict):
        raise unexpected(request, response, "not a JSON object")
    return value


def json_list(request: Request, response: Response) -> list[object]:
    """The JSON list of a 2xx answer. Raises what `failure` says of any other."""
    value = _json_value(request, response)
    if not isinstance(value, list):
        raise unexpected(request, response, "not a JSON list")
    return value


def _json_value(request: Request, response: Response) -> object:
    if not 200 <= response.status < 300:
        raise failure(request, response)
    if not is_json(response):
        raise unexpected(request, response, "not JSON")
    return _decoded(response.body)


def is_json(response: Response) -> bool:
    """Whether the answer calls itself JSON (`application/json`, `application/…+json`)."""
    kind = _media_type(response)
    return kind == "application/json" or (
        kind.startswith("application/") and kind.endswith("+json")
    )


def unexpected(
    request: Request, response: Response, what: str, fields: Fields | None = None
) -> ServerError:
    """An answer that the agent does not know; `what` says in English what was wrong with it."""
    told = f"HTTP {response.status}, {_media_type(response) or 'no type'}: {what}"
    return ServerError(
        "onvio.unexpected_answer",
        detail=without_secrets(request, told),
        target=request.target,
        request_id=_request_id(request, response, fields or {}),
    )


def failure(request: Request, response: Response) -> CloudError:
    """The error that an answer outside 2xx means; see the module's first lines."""
    fields = (_fields(response.body) or {}) if is_json(response) else {}
    error = _text(fields.get("error"))
    explanation = explanation_of(request, fields)
    detail = f"HTTP {response.status} {explanation}"
    request_id = _request_id(request, response, fields)
    pause = pause_s(response.status, response.headers)
    target = request.target
    if response.status == 407:
        return NotSent("network.proxy_auth", detail=detail, target=target)
    if response.status >= 500 and not (response.status == 501 and error):
        return ServerError(
            "onvio.unavailable",
            detail=detail,
            target=target,
            retry_after_s=pause,
            request_id=request_id,
        )
    reason = _denial(request, error, _text(fields.get("error_description")))
    if reason is not None and response.status >= 400:
        mfa_token = _text(fields.get("mfa_token"))
        return Denied(
            reason,
            error=error,
            detail=detail,
            target=target,
            request_id=request_id,
            mfa_token=mfa_token if can_travel(mfa_token) else None,
        )
    if pause is not None:
        return Busy(
            "onvio.limited",
            detail=detail,
            target=target,
            retry_after_s=pause,
            request_id=request_id,
        )
    if _refuses_token(request, response, fields):
        return TokenRefused(
            "link.session_ended",
            error=without_secrets(request, error) or "invalid_token",
            detail=detail,
            target=target,
            request_id=request_id,
        )
    return unexpected(request, response, explanation or "not understood", fields)


def _denial(request: Request, error: str, description: str) -> str | None:
    """The reason of a definitive OAuth error, or None where the pair decides nothing."""
    told = description.casefold()
    if error in ("unauthorized", "invalid_grant", "access_denied") and any(
        text in told for text in _BLOCKED
    ):
        return "link.account_disabled"
    if request.form is None:  # a resource: its `unauthorized` speaks of the token
        return None
    grant = dict(request.form).get("grant_type", "")
    if grant == "refresh_token" and error == "access_denied" and "refresh token" in told:
        return "link.session_ended"  # older tenants answer a dead refresh token like this
    return _DENIALS_BY_GRANT.get(grant, {}).get(error) or _DENIALS.get(error)


def _refuses_token(request: Request, response: Response, fields: Fields) -> bool:
    if not _presented_token(request):
        return False
    if response.status == 401:
        challenge = response.headers.get("www-authenticate", "").casefold()
        return bool(fields) or challenge.startswith("bearer")
    told = " ".join(_text(fields.get(key)) for key in _TEXT_KEYS).casefold()
    return response.status == 400 and any(text in told for text in _TOKEN_TEXTS)


def _presented_token(request: Request) -> str:
    for name, value in request.headers:
        if name.lower() == "authorization":
            return value.partition(" ")[2]
    return ""


def _presented_key(request: Request) -> str:
    return next((value for name, value in request.headers if name.lower() == _KEY_HEADER), "")


def json_fields(response: Response) -> Fields:
    """The JSON object of an answer, whatever its status; empty where there is none."""
    return _fields(response.body) or {}


def _fields(body: bytes) -> dict[str, object] | None:
    value = _decoded(body)
    return value if isinstance(value, dict) else None


def _decoded(body: bytes) -> object:
    """What the JSON says; None where it is none."""
    try:
        return msgspec.json.decode(body.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _media_type(response: Response) -> str:
    return response.headers.get("content-type", "").partition(";")[0].strip().lower()


def _request_id(request: Request, response: Response, fields: Fields) -> str | None:
    ids = [response.headers.get(name, "") for name in _REQUEST_ID_HEADERS]
    ids.append(_text(fields.get("api_requestId")))
    found = next((value for value in ids if value), "")
    return without_secrets(request, found) or None


def explanation_of(request: Request, fields: Fields) -> str:
    """ONVIO's own words in an error, without what the request kept secret."""
    texts = [_text(fields.get(key)) for key in _TEXT_KEYS]
    told = next((text for text in texts if text), "")
    error = _text(fields.get("error"))
    return without_secrets(request, told if told == error or not error else f"{error}: {told}")


def without_secrets(request: Request, text: str) -> str:
    """`text` without any value that `request` kept secret: as it is, URL- or HTML-encoded."""
    secrets = [value for key, value in request.form or () if key not in _OPEN_FORM_KEYS]
    secrets += (_presented_token(request), _presented_key(request))
    for secret in secrets:
        for shape in (secret, quote(secret, safe=""), quote_plus(secret), escape(secret)):
            if shape and shape in text:
                if len(secret) < _SHORTEST_CUT:
                    return ""
                text = text.replace(shape, "***")
    return text
