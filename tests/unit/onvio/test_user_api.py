"""The probe, and what an account tells of its office."""

from __future__ import annotations

import asyncio

import pytest

from onvio_agent.office.model import OnvioRole
from onvio_agent.onvio.account_facts import AccountFacts
from onvio_agent.onvio.errors import Busy, CloudError, ServerError, TokenRefused
from onvio_agent.onvio.transport import Response
from onvio_agent.onvio.user_api import UserApi
from support.scripted import HandClock, ScriptedTransport, html_response, json_response


def client(*answers: Response) -> tuple[UserApi, ScriptedTransport]:
    transport = ScriptedTransport(*answers)
    return UserApi(transport, clock=HandClock(), deadline_s=10, probe_deadline_s=4), transport


@pytest.mark.parametrize(
    "response",
    [
        json_response(200, {"status": "UP"}),
        Response(204, {}, b""),
        json_response(401, {"detail": "Access token is missing."}),
        Response(404, {"content-type": "application/problem+json"}, b'{"status":"404"}'),
    ],
)
def test_any_answer_of_onvios_own_counts_as_reachable(response: Response) -> None:
    api, transport = client(response)
    assert asyncio.run(api.probe()) >= 0
    assert transport.deadlines == [4]
    assert transport.sent[0].headers == ()


@pytest.mark.parametrize(
    ("response", "kind", "reason"),
    [
        (html_response(200), ServerError, "onvio.unexpected_answer"),
        (html_response(404), ServerError, "onvio.unexpected_answer"),
        (html_response(503), ServerError, "onvio.unavailable"),
        (Response(302, {"location": "https://portal.example"}, b""), ServerError,
         "onvio.unexpected_answer"),
        (Response(200, {"content-type": "text/plain"}, b"ok"), ServerError,
         "onvio.unexpected_answer"),
        (json_response(500, {}), ServerError, "onvio.unavailable"),
        (json_response(429, {}, retry_after="3"), Busy, "onvio.limited"),
    ],
)  # fmt: skip
def test_any_other_answer_has_a_reason(
    response: Response, kind: type[CloudError], reason: str
) -> None:
    api, _ = client(response)
    with pytest.raises(kind) as caught:
        asyncio.run(api.probe("api"))
    assert caught.value.reason == reason


def test_client_info_presents_the_token_and_reads_the_facts() -> None:
    api, transport = client(json_response(200, {"account": {"role": "administrator"}}))
    facts = asyncio.run(api.client_info("a-1"))
    assert facts.role is OnvioRole.ADMINISTRATOR
    assert transport.sent[0].headers == (("authorization", "Bearer a-1"),)
    assert transport.sent[0].query == (("pageIndex", "1"),)


@pytest.mark.parametrize("status", [403, 404])
def test_an_account_that_may_not_see_its_office_tells_nothing_about_it(status: int) -> None:
    api, _ = client(json_response(status, {"detail": "Forbidden"}))
    assert asyncio.run(api.client_info("a-1")) == AccountFacts()


def test_a_page_of_a_firewall_is_not_taken_for_an_account_that_tells_nothing() -> None:
    api, _ = client(html_response(403))
    with pytest.raises(ServerError):
        asyncio.run(api.client_info("a-1"))


def test_a_token_that_the_api_does_not_take_is_said_as_such() -> None:
    api, _ = client(json_response(401, {"detail": "Token has expired"}))
    with pytest.raises(TokenRefused):
        asyncio.run(api.integration_status("a-1"))


def test_the_integrations_status_is_passed_on_as_it_came() -> None:
    api, _ = client(json_response(200, {"status": "ACTIVE"}))
    assert asyncio.run(api.integration_status("a-1")) == {"status": "ACTIVE"}
