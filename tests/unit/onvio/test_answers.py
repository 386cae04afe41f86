"""What each answer of ONVIO means."""

from __future__ import annotations

import contextlib
import traceback

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onvio_agent.onvio.answers import failure, json_object
from onvio_agent.onvio.errors import (
    Busy,
    CloudError,
    Denied,
    NotSent,
    ServerError,
    TokenRefused,
)
from onvio_agent.onvio.transport import Request, Response, bearer
from support.scripted import html_response, json_response

SECRET = "hunter2 & ção/+%"
PASSWORD = Request(
    target="auth",
    method="POST",
    path="/oauth/token",
    form=(("client_id", "app"), ("grant_type", "password"), ("password", SECRET)),
)
REFRESH = Request(
    target="auth",
    method="POST",
    path="/oauth/token",
    form=(("client_id", "app"), ("grant_type", "refresh_token"), ("refresh_token", "r-token-1")),
)
REVOKE = Request(
    target="auth",
    method="POST",
    path="/oauth/revoke",
    form=(("client_id", "app"), ("token", "r-token-1")),
)
RESOURCE = Request(target="api", method="GET", path="/x", headers=bearer("a-token-1"))
PROBE = Request(target="api", method="GET", path="/health")


def oauth(status: int, error: str, description: str = "told", **more: str) -> Response:
    return json_response(status, {"error": error, "error_description": description} | more)


@pytest.mark.parametrize(
    ("request_", "response", "reason"),
    [
        (PASSWORD, oauth(403, "invalid_grant", "Wrong email or password."), "auth.wrong_password"),
        (PASSWORD, oauth(400, "invalid_grant"), "auth.wrong_password"),
        (PASSWORD, oauth(401, "invalid_user_password"), "auth.wrong_password"),
        (PASSWORD, oauth(403, "unauthorized_client"), "auth.grant_refused"),
        (PASSWORD, oauth(403, "unsupported_grant_type"), "auth.grant_refused"),
        (PASSWORD, oauth(501, "unsupported_grant_type"), "auth.grant_refused"),
        (PASSWORD, oauth(401, "requires_validation"), "auth.grant_refused"),
        (PASSWORD, oauth(401, "invalid_client"), "auth.client_refused"),
        (PASSWORD, oauth(403, "access_denied"), "auth.client_refused"),
        (PASSWORD, oauth(429, "too_many_attempts", "account has been blocked"), "auth.blocked"),
        (PASSWORD, oauth(403, "unauthorized", "user is blocked"), "link.account_disabled"),
        (PASSWORD, oauth(403, "mfa_required", mfa_token="m"), "link.second_factor"),
        (REFRESH, oauth(403, "invalid_grant", "Unknown refresh token."), "link.session_ended"),
        (REFRESH, oauth(403, "access_denied", "Invalid refresh token."), "link.session_ended"),
        (REFRESH, oauth(403, "access_denied", "Service not enabled."), "auth.client_refused"),
        (REFRESH, oauth(403, "invalid_grant", "user is blocked"), "link.account_disabled"),
        (REFRESH, oauth(403, "unauthorized_client"), "auth.client_refused"),
        (REFRESH, oauth(403, "mfa_required", mfa_token="m"), "link.second_factor"),
        (REVOKE, oauth(401, "invalid_client"), "auth.client_refused"),
        (RESOURCE, oauth(403, "unauthorized", "user is blocked"), "link.account_disabled"),
    ],
)
def test_an_oauth_error_is_a_definitive_no_with_its_reason(
    request_: Request, response: Response, reason: str
) -> None:
    error = failure(request_, response)
    assert isinstance(error, Denied)
    assert error.reason == reason
    assert error.error
    assert not error.may_have_acted


@pytest.mark.parametrize(
    "response",
    [
        json_response(401, {"error": "invalid_token", "error_description": "expired"}),
        json_response(401, {"error": "unauthorized", "error_description": "sign in first"}),
        json_response(401, {"title": "Unauthorized", "detail": "Invalid token", "status": "401"}),
        Response(401, {"www-authenticate": "Bearer error=invalid_token"}, b"Unauthorized"),
        json_response(400, {"detail": "Token has expired"}),
        json_response(400, {"detail": "Failed to decode invalid or incorrectly formatted token."}),
    ],
)
def test_a_resource_that_does_not_take_the_token_says_so_in_several_ways(
    response: Response,
) -> None:
    error = failure(RESOURCE, response)
    assert isinstance(error, TokenRefused)
    assert error.reason == "link.session_ended"


@pytest.mark.parametrize("request_", [PASSWORD, REFRESH, REVOKE, RESOURCE, PROBE])
@pytest.mark.parametrize(
    ("response", "kind", "reason"),
    [
        (oauth(500, "invalid_grant"), ServerError, "onvio.unavailable"),
        (oauth(503, "temporarily_unavailable"), ServerError, "onvio.unavailable"),
        (html_response(502), ServerError, "onvio.unavailable"),
        (html_response(403), ServerError, "onvio.unexpected_answer"),
        (html_response(401), ServerError, "onvio.unexpected_answer"),
        (html_response(200), ServerError, "onvio.unexpected_answer"),
        (Response(302, {"location": "https://elsewhere.example"}, b""), ServerError,
         "onvio.unexpected_answer"),
        (json_response(404, {"detail": "No such resource."}), ServerError,
         "onvio.unexpected_answer"),
        (Response(403, {"content-type": "text/plain"}, b'{"error":"invalid_grant"}'), ServerError,
         "onvio.unexpected_answer"),
        (json_response(200, ["a", "list"]), ServerError, "onvio.unexpected_answer"),
        (Response(200, {"content-type": "application/json"}, b'{"cut'), ServerError,
         "onvio.unexpected_answer"),
        (Response(200, {"content-type": "application/json"}, b"\xff\xfe"), ServerError,
         "onvio.unexpected_answer"),
        (Response(200, {"content-type": "application/json"}, b"[" * 100_000), ServerError,
         "onvio.unexpected_answer"),
        (oauth(429, "too_many_requests"), Busy, "onvio.limited"),
        (html_response(429), Busy, "onvio.limited"),
        (Response(407, {}, b""), NotSent, "network.proxy_auth"),
    ],
)  # fmt: skip
def test_what_is_not_surely_onvio_speaking_decides_nothing(
    request_: Request, response: Response, kind: type[CloudError], reason: str
) -> None:
    with pytest.raises(CloudError) as caught:
        json_object(request_, response)
    assert type(caught.value) is kind
    assert caught.value.reason == reason
    assert caught.value.target == request_.target


def test_a_busy_answer_says_how_long() -> None:
    error = failure(REFRESH, json_response(429, {"error": "too_many_requests"}, retry_after="9"))
    assert error.retry_after_s == 9


def test_a_503_passes_its_pause_on() -> None:
    error = failure(RESOURCE, json_response(503, {}, retry_after="9"))
    assert error.retry_after_s == 9


def test_the_second_factor_token_is_kept_for_the_next_step_and_shown_nowhere() -> None:
    error = failure(PASSWORD, oauth(403, "mfa_required", mfa_token="Fe26.2*secret"))
    assert isinstance(error, Denied)
    assert error.mfa_token == "Fe26.2*secret"
    assert "Fe26" not in f"{error!r} {error} {error.detail}"


@pytest.mark.parametrize("key", ["detail", "message", "error_description", "title"])
def test_the_explanation_and_the_request_id_are_kept_for_the_log(key: str) -> None:
    error = failure(
        RESOURCE, json_response(400, {key: "Chave\u202e inválida", "api_requestId": "f00"})
    )
    assert "Chave inválida" in error.detail
    assert error.request_id == "f00"


def test_a_byte_order_mark_is_no_obstacle() -> None:
    body = b"\xef\xbb\xbf" + msgspec.json.encode({"sub": "x"})
    assert json_object(RESOURCE, Response(200, {"content-type": "application/json"}, body))


secrets = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=6, max_size=60
).map("§".__add__)  # no part of what is shown anyway


@given(secret=secrets, before=st.text(max_size=20), status=st.integers(300, 599))
def test_a_server_that_echoes_a_secret_gets_it_into_no_text_of_the_error(
    secret: str, before: str, status: int
) -> None:
    requests = (
        msgspec.structs.replace(
            PASSWORD, form=(("grant_type", "password"), ("username", secret), ("password", secret))
        ),
        msgspec.structs.replace(
            REFRESH, form=(("grant_type", "refresh_token"), ("refresh_token", secret))
        ),
        Request(target="api", method="GET", path="/x", headers=bearer(secret)),
    )
    keys = ("error", "error_description", "detail", "title")
    said = dict.fromkeys(keys, before + secret)
    response = json_response(status, said | {"api_requestId": secret}, x_request_id=secret)
    for request in requests:
        error = failure(request, response)
        shown = "".join(traceback.format_exception(error))
        shown += f"{error!r}{error.detail}{error.request_id}{getattr(error, 'error', '')}"
        assert secret not in shown
        assert secret not in repr(request)


@given(status=st.integers(100, 599), body=st.binary(max_size=200), kind=st.text(max_size=30))
def test_no_answer_at_all_brings_anything_but_an_error_of_the_tree(
    status: int, body: bytes, kind: str
) -> None:
    for content_type in (kind, "application/json"):
        for request in (PASSWORD, REFRESH, RESOURCE):
            with contextlib.suppress(CloudError):
                json_object(request, Response(status, {"content-type": content_type}, body))
