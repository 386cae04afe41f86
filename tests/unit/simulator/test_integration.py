"""The integration side: tokens of programs, activation of companies, batches and what becomes of them."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest

from onvio_agent.simulator.integration import BLOCKED_ABOVE, LeversPatch, Outcome
from support.cloud import DirectCloud, error_of, read
from support.deliveries import (
    BATCHES,
    ENABLE,
    INFO,
    PADARIA,
    SECRET,
    ask_token,
    enabled,
    look,
    multipart,
    nfe,
    send,
)
from support.sim import ANA


def cloud() -> DirectCloud:
    return DirectCloud(client_secret=SECRET)


def detail(response: Any) -> tuple[int, str]:
    return response.status, read(response)["detail"]


def file_code(answer: Any) -> str:
    (entry,) = read(answer)["filesExpanded"]
    return str(entry["apiStatus"]["code"])


def test_a_programs_token_lives_a_day_and_is_asked_for_with_secret_and_audience() -> None:
    sim = cloud()
    assert read(ask_token(sim))["expires_in"] == 86400
    assert error_of(ask_token(sim, client_secret="")) == (401, "invalid_client")
    assert error_of(ask_token(sim, client_secret="other")) == (401, "invalid_client")
    assert error_of(ask_token(sim, audience="other")) == (403, "access_denied")


def test_a_public_client_gets_no_programs_token() -> None:
    assert error_of(ask_token(DirectCloud(), client_secret="")) == (403, "unauthorized_client")


def test_too_many_token_requests_of_one_day_block_until_lifted() -> None:
    sim = cloud()
    statuses = [ask_token(sim).status for _ in range(BLOCKED_ABOVE + 1)]
    assert statuses == [200] * BLOCKED_ABOVE + [403]
    sim.now += 86400
    assert error_of(ask_token(sim)) == (403, "access_denied")
    sim.cloud.set_integration(LeversPatch(blocked=False))
    assert ask_token(sim).status == 200


def test_each_day_counts_for_itself() -> None:
    sim = cloud()
    for _day in range(3):
        assert all(ask_token(sim).status == 200 for _ in range(20))
        sim.now += 86400


def test_the_office_key_tells_whose_it_is_and_is_swapped_for_another() -> None:
    sim = cloud()
    token = read(ask_token(sim))["access_token"]
    told = read(
        sim.ask("api", "GET", INFO, authorization=f"Bearer {token}", x_integration_key="chave-1")
    )
    assert told["clientNationalIdentity"] == PADARIA
    assert told["accountOfficeNationalIdentity"] == "11222333000181"
    assert detail(send(sim, token, "chave-1", nfe(1))) == (403, "Client Not Enabled")
    first, second = enabled(sim, token), enabled(sim, token)
    assert detail(send(sim, token, first, nfe(1))) == (400, "Invalid Key supplied")
    assert send(sim, token, second, nfe(1)).status == 201


def test_a_wrong_office_key_enables_nothing() -> None:
    sim = cloud()
    token = read(ask_token(sim))["access_token"]
    for method, path in (("GET", INFO), ("POST", ENABLE)):
        answer = sim.ask(
            "api", method, path, authorization=f"Bearer {token}", x_integration_key="x"
        )
        assert detail(answer) == (400, "Invalid Key supplied")


def test_tokens_of_people_expired_ones_and_nonsense_are_refused() -> None:
    sim = cloud()
    person = read(sim.sign_in(ANA))["access_token"]
    assert detail(send(sim, person, "k", nfe(1))) == (401, "Invalid token")
    assert send(sim, "nonsense", "k", nfe(1)).status == 400
    token = read(ask_token(sim))["access_token"]
    sim.now += 86400
    assert detail(send(sim, token, "k", nfe(1))) == (401, "Token has expired")
    assert sim.ask("api", "POST", BATCHES).status == 401


def test_a_batch_shows_its_document_only_when_it_is_looked_at() -> None:
    sim = cloud()
    sim.cloud.set_integration(LeversPatch(processing_s=8))
    token, key, document = *_ready(sim), nfe(1)
    sent = send(sim, token, key, document)
    assert (sent.status, read(sent)["filesExpanded"], read(sent)["status"]["code"]) == (
        201,
        [],
        "S1",
    )
    batch_id = read(sent)["id"]
    assert file_code(look(sim, token, key, batch_id)) == "SA1"
    assert sim.cloud.documents() == []
    sim.now += 8
    assert file_code(look(sim, token, key, batch_id)) == "SA2"
    (stored,) = sim.cloud.documents()
    assert stored.sha256 == sha256(document).hexdigest()
    assert (stored.cnpj, stored.copies, stored.stored_at) == (PADARIA, 1, sim.now)


def test_the_same_content_or_key_is_there_already_once_it_was_stored() -> None:
    sim = cloud()
    sim.cloud.set_integration(LeversPatch(processing_s=8))
    token, key = _ready(sim)
    send(sim, token, key, nfe(1))
    sim.now += 8
    for again in (nfe(1), nfe(1, note="the same key, other contents")):
        batch_id = read(send(sim, token, key, again))["id"]
        sim.now += 8
        assert file_code(look(sim, token, key, batch_id)) == "EA10"
    assert [document.copies for document in sim.cloud.documents()] == [1]


@pytest.mark.parametrize(("duplicates", "copies"), [("stored", 2), ("received", 1), ("never", 2)])
def test_a_second_one_before_the_first_was_stored_doubles_it_where_nobody_notices(
    duplicates: Any, copies: int
) -> None:
    sim = cloud()
    sim.cloud.set_integration(LeversPatch(processing_s=8, duplicates=duplicates))
    token, key = _ready(sim)
    send(sim, token, key, nfe(1))
    send(sim, token, key, nfe(1))
    sim.now += 8
    assert [document.copies for document in sim.cloud.documents()] == [copies]


def test_another_companys_document_and_no_xml_are_refused() -> None:
    sim = cloud()
    token, key = _ready(sim)
    foreign = read(send(sim, token, key, nfe(1, cnpj="45723174000110")))["id"]
    assert file_code(look(sim, token, key, foreign)) == "EA13"
    rejected = read(send(sim, token, key, b"%PDF-1.7"))
    assert rejected["status"]["code"] == "E2"
    assert read(look(sim, token, key, rejected["id"]))["filesExpanded"] == []
    assert sim.cloud.documents() == []


@pytest.mark.parametrize("code", ["EA0", "EA3", "EX9", "SX7", "SA1"])
def test_any_outcome_can_be_ordered(code: str) -> None:
    sim = cloud()
    sim.cloud.set_integration(LeversPatch(outcome=Outcome(code, times=1)))
    token, key = _ready(sim)
    ordered = read(send(sim, token, key, nfe(1)))["id"]
    after = read(send(sim, token, key, nfe(2)))["id"]
    assert file_code(look(sim, token, key, ordered)) == code
    assert file_code(look(sim, token, key, after)) == "SA2"


def test_what_is_not_processed_can_be_lost_and_is_taken_again() -> None:
    sim = cloud()
    token, key = _ready(sim)
    done = read(send(sim, token, key, nfe(1)))["id"]
    sim.cloud.set_integration(LeversPatch(processing_s=60.0, duplicates="received"))
    lost = read(send(sim, token, key, nfe(2)))["id"]
    sim.cloud.forget_batches()
    assert look(sim, token, key, lost).status == 404
    assert file_code(look(sim, token, key, done)) == "SA2"
    again = read(send(sim, token, key, nfe(2)))["id"]
    sim.cloud.advance(60.0)
    assert file_code(look(sim, token, key, again)) == "SA2"


def test_a_batch_is_its_companys_alone() -> None:
    sim = cloud()
    token, key = _ready(sim)
    batch_id = read(send(sim, token, key, nfe(1)))["id"]
    sim.cloud.revoke_key(PADARIA)
    assert detail(look(sim, token, key, batch_id)) == (400, "Invalid Key supplied")
    assert look(sim, token, enabled(sim, token), batch_id).status == 200
    assert look(sim, token, enabled(sim, token), "0" * 32).status == 404


@pytest.mark.parametrize(
    ("parts", "named"),
    [
        ([("file[]", "a.xml", "application/xml", b"<a/>")], "query"),
        ([("query", None, "application/json", b"{}")], "file[]"),
        (
            [
                ("file[]", None, "application/xml", b"<a/>"),
                ("query", None, "application/json", b"{}"),
            ],
            "file[]",
        ),
        (
            [
                ("file[]", "a", "application/xml", b"<a/>"),
                ("query", "q", "application/json", b"{}"),
            ],
            "query",
        ),
        (
            [
                ("file[]", "a", "application/xml", b"<a/>"),
                ("query", None, "application/json", b"["),
            ],
            "query",
        ),
    ],
)
def test_a_batch_that_is_not_as_documented_is_refused(parts: Any, named: str) -> None:
    sim = cloud()
    token, key = _ready(sim)
    status, told = detail(send(sim, token, key, multipart(parts), raw=True))
    assert status == 400
    assert named in told


@pytest.mark.parametrize("body", [b"", b"--b--", b"--b\r\n\r\nx\r\n--b--", b"--b\r\nx: y\r\n\r\n"])
def test_a_broken_multipart_body_is_refused(body: bytes) -> None:
    sim = cloud()
    token, key = _ready(sim)
    assert send(sim, token, key, body, raw=True).status == 400


def test_nonsense_is_no_lever() -> None:
    for patch in (LeversPatch(processing_s=-1), LeversPatch(outcome=Outcome("SA2", times=0))):
        with pytest.raises(ValueError, match="must be"):
            cloud().cloud.set_integration(patch)


def test_unknown_paths_and_methods_are_told() -> None:
    sim = cloud()
    assert sim.ask("api", "GET", f"{BATCHES}/xyz").status == 404
    assert sim.ask("api", "GET", BATCHES).status == 405


def _ready(sim: DirectCloud) -> tuple[str, str]:
    token = str(read(ask_token(sim))["access_token"])
    return token, enabled(sim, token)
