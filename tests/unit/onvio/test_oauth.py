"""The token server's answers are checked before they are believed."""

from __future__ import annotations

import asyncio

import pytest

from onvio_agent.onvio.errors import ServerError
from onvio_agent.onvio.oauth import OAuth, issuer_of
from onvio_agent.onvio.token_set import TokenSet
from onvio_agent.onvio.transport import Response
from support.scripted import START, HandClock, ScriptedTransport, html_response, json_response

TOKENS = {"access_token": "a-1", "refresh_token": "r-1", "expires_in": 600, "token_type": "Bearer"}
ISSUER = "https://auth.example/"


def client(*answers: Response) -> tuple[OAuth, ScriptedTransport]:
    transport = ScriptedTransport(*answers)
    oauth = OAuth(transport, client_id="app", issuer=ISSUER, clock=HandClock(), deadline_s=10)
    return oauth, transport


def refresh(**changes: object) -> TokenSet:
    oauth, _ = client(json_response(200, TOKENS | changes))
    return asyncio.run(oauth.refresh("r-0"))


def test_a_sign_in_asks_for_a_refresh_token_only_where_one_is_wanted() -> None:
    oauth, transport = client(json_response(200, TOKENS), json_response(200, TOKENS))
    asyncio.run(oauth.password_grant("ana@x.example", "segredo", offline=True))
    asyncio.run(oauth.password_grant("ana@x.example", "segredo", offline=False))
    scopes = [dict(request.form or ())["scope"] for request in transport.sent]
    assert [("offline_access" in scope) for scope in scopes] == [True, False]
    assert transport.deadlines == [10, 10]


def test_validity_counts_from_the_time_of_sending() -> None:
    tokens = refresh()
    assert (tokens.obtained_at, tokens.sent_mono, tokens.expires_in_s) == (START, 1000.0, 600)


def test_without_rotation_there_is_no_successor() -> None:
    assert refresh(refresh_token=None).refresh_token is None


def test_a_link_without_a_refresh_token_is_not_believed() -> None:
    oauth, _ = client(json_response(200, {"access_token": "a-1", "expires_in": 600}))
    with pytest.raises(ServerError) as caught:
        asyncio.run(oauth.password_grant("ana@x.example", "segredo", offline=True))
    assert caught.value.reason == "onvio.unexpected_answer"


@pytest.mark.parametrize(
    "changes",
    [
        {"access_token": None},
        {"access_token": ""},
        {"access_token": 7},
        {"access_token": "two words"},
        {"access_token": "line\r\nX-Evil: 1"},
        {"access_token": "ação"},
        {"access_token": "x" * 20_000},
        {"refresh_token": ["r"]},
        {"refresh_token": ""},
        {"token_type": "mac"},
    ],
)
def test_tokens_that_could_not_travel_in_a_header_are_an_unexpected_answer(
    changes: dict[str, object],
) -> None:
    with pytest.raises(ServerError) as caught:
        refresh(**changes)
    assert caught.value.reason == "onvio.unexpected_answer"


@pytest.mark.parametrize("life", [None, "600", True, -1, 0, [600]])
def test_a_life_that_is_no_number_counts_as_an_hour(life: object) -> None:
    assert refresh(expires_in=life).expires_in_s == 3600


def test_a_life_without_end_is_cut_to_thirty_days() -> None:
    assert refresh(expires_in=1e300).expires_in_s == 30 * 86_400


def test_no_repr_shows_a_token() -> None:
    assert "a-1" not in repr(refresh())
    assert "r-1" not in repr(refresh())


@pytest.mark.parametrize("sub", [None, "", 5, "x" * 256, "a\nb"])
def test_an_answer_that_names_nobody_is_not_an_identity(sub: object) -> None:
    oauth, _ = client(json_response(200, {"sub": sub, "email": "ana@x.example"}))
    with pytest.raises(ServerError):
        asyncio.run(oauth.userinfo("a-1"))


def test_name_and_email_are_cleaned_and_may_be_missing() -> None:
    oauth, _ = client(
        json_response(200, {"sub": "auth0|1", "name": " Ana\u202e\x00 Lima ", "email": ["x"]})
    )
    identity = asyncio.run(oauth.userinfo("a-1"))
    assert (identity.issuer, identity.sub) == (ISSUER, "auth0|1")
    assert (identity.name, identity.email) == ("Ana Lima", None)


@pytest.mark.parametrize(
    "response", [Response(200, {}, b""), Response(204, {}, b""), json_response(200, {})]
)
def test_a_revocation_is_confirmed_by_an_empty_or_json_answer(response: Response) -> None:
    oauth, transport = client(response)
    asyncio.run(oauth.revoke("r-1"))
    assert dict(transport.sent[0].form or ()) == {
        "client_id": "app",
        "token": "r-1",
        "token_type_hint": "refresh_token",
    }


@pytest.mark.parametrize(
    "response", [html_response(200), Response(302, {}, b""), json_response(500, {})]
)
def test_somebody_elses_page_confirms_no_revocation(response: Response) -> None:
    oauth, _ = client(response)
    with pytest.raises(ServerError):
        asyncio.run(oauth.revoke("r-1"))


@pytest.mark.parametrize(
    ("url", "issuer"),
    [
        ("https://auth.thomsonreuters.com", "https://auth.thomsonreuters.com/"),
        ("HTTPS://Auth.Example/", "https://auth.example/"),
        ("https://auth.example:8443/realm//", "https://auth.example:8443/realm/"),
    ],
)
def test_an_issuer_has_one_spelling(url: str, issuer: str) -> None:
    assert issuer_of(url) == issuer
