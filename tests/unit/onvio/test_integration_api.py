"""The integration side of the API: what is sent as documented, and what answers mean."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from onvio_agent.onvio.errors import Busy, CloudError, ServerError, TokenRefused
from onvio_agent.onvio.integration_api import (
    Batch,
    BatchUnknown,
    IntegrationApi,
    KeyRefused,
    Status,
    multipart,
)
from onvio_agent.onvio.integration_token import AUDIENCE, Credentials, ask_token
from onvio_agent.simulator.multipart import read_multipart
from support.scripted import HandClock, ScriptedTransport, html_response, json_response

BATCH = {
    "type": "batchV2Dto",
    "boxeFile": False,
    "filesExpanded": [],
    "id": "0123456789abcdef0123456789abcdef",
    "status": {"code": "S1", "message": "Aguardando."},
}


def sent(*answers: Any) -> tuple[IntegrationApi, ScriptedTransport]:
    transport = ScriptedTransport(*answers)
    return IntegrationApi(transport, deadline_s=60), transport


def test_a_document_is_sent_as_it_is_with_name_type_and_query() -> None:
    api, transport = sent(json_response(201, BATCH))
    data = b"\xef\xbb\xbf<a>\r\n--x\r\n\xff</a>"
    batch = asyncio.run(api.send("token", "key", 'no"ta\r\n\u202e.xml', data, b"\x01\x02"))
    assert batch == Batch(BATCH["id"], Status("S1", "Aguardando."), ())  # type: ignore[arg-type]  # a text
    (request,) = transport.sent
    assert dict(request.headers) == {"authorization": "Bearer token", "x-integration-key": "key"}
    assert request.content_type == "multipart/form-data; boundary=0102"
    file, query = read_multipart(request.content_type, request.body)
    assert (file.name, file.kind, file.data) == ("file[]", "application/xml", data)
    assert file.file_name == "no_ta___.xml"
    assert (query.name, query.file_name, query.kind) == ("query", None, "application/json")
    assert query.data == b'{"boxeFile": false}'


def test_the_documents_of_a_batch_are_told_by_their_codes() -> None:
    files = [
        {"apiStatus": {"code": "SA2", "message": "Arquivo armazenado na API."}, "boxeStatus": {}}
    ]
    api, _ = sent(json_response(200, BATCH | {"filesExpanded": files}))
    batch = asyncio.run(api.look("token", "key", "0" * 32))
    assert batch.files == (Status("SA2", "Arquivo armazenado na API."),)


@pytest.mark.parametrize(
    "answer",
    [
        json_response(201, {}),
        json_response(201, BATCH | {"id": "../x"}),
        json_response(201, BATCH | {"status": "S1"}),
        json_response(201, [1]),
        html_response(201),
    ],
)
def test_an_answer_that_names_no_batch_decides_nothing(answer: Any) -> None:
    api, _ = sent(answer)
    with pytest.raises(ServerError):
        asyncio.run(api.send("token", "key", "a.xml", b"<a/>", b"x"))


@pytest.mark.parametrize(
    ("answer", "kind", "reason"),
    [
        (json_response(400, {"detail": "Invalid Key supplied"}), KeyRefused, "sync.key_refused"),
        (json_response(403, {"title": "Client Not Enabled"}), KeyRefused, "sync.key_refused"),
        (json_response(401, {"detail": "Token has expired"}), TokenRefused, "link.session_ended"),
        (json_response(404, {"detail": "Not found"}), BatchUnknown, "sync.batch_unknown"),
        (json_response(429, {}, retry_after="9"), Busy, "onvio.limited"),
        (json_response(503, {"detail": "Invalid Key supplied"}), ServerError, "onvio.unavailable"),
        (html_response(404), ServerError, "onvio.unexpected_answer"),
    ],
)
def test_errors_are_told_apart(answer: Any, kind: type[CloudError], reason: str) -> None:
    api, _ = sent(answer)
    with pytest.raises(kind) as caught:
        asyncio.run(api.look("token", "key", "0" * 32))
    assert caught.value.reason == reason


def test_a_key_is_in_no_error_even_where_onvio_repeats_it() -> None:
    api, _ = sent(json_response(400, {"detail": "Invalid Key supplied: my-secret-key"}))
    with pytest.raises(KeyRefused) as caught:
        asyncio.run(api.info("token", "my-secret-key"))
    assert "my-secret-key" not in f"{caught.value} {caught.value.error}"


def test_whose_key_it_is_is_read_and_nobodys_is_no_answer() -> None:
    told = {"clientNationalIdentity": "12.ABC.345/01DE-35", "clientName": "Padaria\u202e"}
    api, _ = sent(json_response(200, told), json_response(200, {"clientName": "x"}))
    found = asyncio.run(api.info("token", "key"))
    assert (found.client_identity, found.client_name) == ("12.ABC.345/01DE-35", "Padaria")
    with pytest.raises(ServerError):
        asyncio.run(api.info("token", "key"))


@pytest.mark.parametrize("given", [None, "", "a b", "x" * 5000, 3])
def test_an_integration_key_that_cannot_travel_is_none(given: object) -> None:
    api, _ = sent(json_response(200, {"integrationKey": given}))
    with pytest.raises(ServerError):
        asyncio.run(api.enable("token", "key"))


@pytest.mark.parametrize("basic", [False, True])
def test_a_token_is_asked_for_by_form_or_by_basic(basic: bool) -> None:
    transport = ScriptedTransport(
        json_response(200, {"access_token": "t", "expires_in": 86400, "token_type": "Bearer"})
    )
    credentials = Credentials("id", "secret", basic)
    given = asyncio.run(ask_token(transport, credentials, clock=HandClock(), deadline_s=10))
    assert (given.token, given.life_s) == ("t", 86400.0)
    (request,) = transport.sent
    form = dict(request.form or ())
    assert (form["grant_type"], form["audience"]) == ("client_credentials", AUDIENCE)
    assert ("client_secret" in form) is not basic
    assert (request.headers == (("authorization", "Basic aWQ6c2VjcmV0"),)) is basic
    assert "secret" not in repr(credentials)
    assert "cookie" not in dict(request.headers)


def test_a_body_is_closed_by_its_own_fence() -> None:
    assert multipart("ab", "x", b"").endswith(b"--ab--\r\n")
