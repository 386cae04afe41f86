"""OpenID Connect: a document, a redirect and an id token are believed only where each part fits."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from onvio_agent.onvio.errors import CloudError, ServerError
from onvio_agent.onvio.oidc import (
    SKEW_S,
    Attempt,
    Endpoints,
    authorize_url,
    check_id_token,
    read_endpoints,
    read_redirect,
    usual_endpoints,
)

BASE = "https://auth.example/tenant"
NOW = datetime(2026, 11, 24, tzinfo=UTC)
ATTEMPT = Attempt(
    state="s-1", nonce="n-1", verifier="v" * 64, redirect_uri="http://127.0.0.1:4/callback"
)
DOCUMENT = {
    "issuer": BASE,
    "authorization_endpoint": f"{BASE}/auth",
    "token_endpoint": f"{BASE}/token",
    "userinfo_endpoint": f"{BASE}/me",
    "revocation_endpoint": f"{BASE}/token/revocation",
}
HERE = read_endpoints(BASE, DOCUMENT)


def id_token(**changes: Any) -> str:
    claims = {"iss": BASE, "aud": "app", "sub": "p-1", "nonce": "n-1", "exp": NOW.timestamp() + 60}
    claims = {key: value for key, value in (claims | changes).items() if value is not None}
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"e30.{body}.signature"


def check(token: object) -> str:
    return check_id_token(token, ATTEMPT, HERE, client_id="app", now=NOW)


def test_a_document_names_paths_below_the_server_of_the_settings() -> None:
    assert (
        Endpoints(
            issuer=BASE,
            authorize_url=f"{BASE}/auth",
            token_path="/token",
            userinfo_path="/me",
            revoke_path="/token/revocation",
        )
        == HERE
    )


def test_what_a_document_leaves_out_is_where_it_usually_is() -> None:
    assert read_endpoints(BASE, {"issuer": f"{BASE}/"}) == usual_endpoints(BASE)


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "https://evil.example/"},
        {"issuer": None},
        {"token_endpoint": "https://evil.example/token"},
        {"token_endpoint": "https://auth.example.evil/tenant/token"},
        {"token_endpoint": f"{BASE}.evil/token"},
        {"userinfo_endpoint": "http://auth.example/tenant/me"},
        {"revocation_endpoint": f"{BASE}/revoke?to=evil"},
        {"authorization_endpoint": "http://auth.example/auth"},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
)
def test_a_document_that_leads_elsewhere_is_not_believed(changes: dict[str, Any]) -> None:
    with pytest.raises(ServerError) as caught:
        read_endpoints(BASE, DOCUMENT | changes)
    assert caught.value.reason == "onvio.unexpected_answer"


def test_the_address_carries_the_verifiers_hash_and_never_the_verifier() -> None:
    url = authorize_url(HERE, ATTEMPT, client_id="app", scope="openid", email="ana+b@x.example")
    asked = {key: value[0] for key, value in parse_qs(urlsplit(url).query).items()}
    digest = hashlib.sha256(ATTEMPT.verifier.encode()).digest()
    assert asked["code_challenge"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert ATTEMPT.verifier not in url
    assert asked["login_hint"] == "ana+b@x.example"
    assert asked["redirect_uri"] == ATTEMPT.redirect_uri
    for secret in ("s-1", "n-1", "v" * 64):
        assert secret not in repr(ATTEMPT)


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ({"error": "access_denied"}, "signin.cancelled"),
        ({"error": "login_required"}, "signin.cancelled"),
        ({"error": "unauthorized_client"}, "auth.client_refused"),
        ({"error": "temporarily_unavailable"}, "onvio.unavailable"),
        ({"error": "what_is_this"}, "onvio.unexpected_answer"),
        ({"code": ""}, "onvio.unexpected_answer"),
        ({"code": "x" * 3000}, "onvio.unexpected_answer"),
        ({"code": "c", "iss": "https://evil.example"}, "onvio.unexpected_answer"),
    ],
)
def test_why_a_browser_brings_no_code(query: dict[str, str], reason: str) -> None:
    found = read_redirect(ATTEMPT, HERE, urlencode({"state": "s-1"} | query))
    assert isinstance(found, CloudError)
    assert found.reason == reason


def test_a_code_is_taken_with_its_state_alone() -> None:
    assert read_redirect(ATTEMPT, HERE, "code=c&state=s-1") == "c"
    assert (
        read_redirect(ATTEMPT, HERE, urlencode({"code": "c", "state": "s-1", "iss": BASE})) == "c"
    )
    assert read_redirect(ATTEMPT, HERE, "code=c&state=s-2") is None
    assert read_redirect(ATTEMPT, HERE, "code=c") is None
    twice = read_redirect(ATTEMPT, HERE, "code=c&code=d&state=s-1")
    assert isinstance(twice, CloudError)


@pytest.mark.parametrize("audience", ["app", ["app"]])
def test_an_id_token_of_this_sign_in_names_the_person(audience: object) -> None:
    assert check(id_token(aud=audience)) == "p-1"
    assert check(id_token(aud=["app", "other"], azp="app")) == "p-1"


@pytest.mark.parametrize(
    "token",
    [
        None,
        "",
        7,
        "a.b",
        "a.b.c",
        "e30.e30.e30.e30",
        "e30.W10.x",
        "é.é.é",
        id_token(iss="https://evil.example"),
        id_token(iss=f"{BASE}/"),
        id_token(aud="other"),
        id_token(aud=["app", "other"]),
        id_token(aud=None),
        id_token(nonce="n-2"),
        id_token(nonce=None),
        id_token(sub=None),
        id_token(sub=""),
        id_token(sub=5),
        id_token(exp=None),
        id_token(exp="soon"),
        id_token(exp=True),
    ],
)
def test_any_other_id_token_names_nobody(token: object) -> None:
    with pytest.raises(ServerError) as caught:
        check(token)
    assert caught.value.reason == "onvio.unexpected_answer"


def test_a_token_that_has_ended_before_it_came_shows_a_wrong_clock() -> None:
    assert check(id_token(exp=NOW.timestamp() - SKEW_S)) == "p-1"
    with pytest.raises(ServerError) as caught:
        check(id_token(exp=NOW.timestamp() - SKEW_S - 1))
    assert caught.value.reason == "clock.skewed"
