"""The journal: complete, ordered, bounded, and free of secrets."""

from __future__ import annotations

import msgspec

from onvio_agent.simulator.faults import Fault
from onvio_agent.simulator.journal import Journal
from onvio_agent.simulator.model import Cloud
from onvio_agent.simulator.wire import CloudRequest, fingerprint
from support.cloud import FORM, DirectCloud, read
from support.sim import ANA, CLIENT_ID, password_of


def test_an_entry_tells_who_asked_for_what_and_how_it_ended() -> None:
    cloud = DirectCloud()
    cloud.sign_in(ANA, "errada")
    (entry,) = cloud.cloud.journal()
    assert (entry.n, entry.at, entry.target, entry.method) == (1, cloud.now, "auth", "POST")
    assert (entry.path, entry.grant_type, entry.account) == ("/oauth/token", "password", ANA)
    assert (entry.client_id, entry.status, entry.error) == (CLIENT_ID, 403, "invalid_grant")
    assert entry.fault is None


def test_tokens_are_followed_by_fingerprint() -> None:
    cloud = DirectCloud()
    tokens = read(cloud.sign_in(ANA))
    cloud.refresh(tokens["refresh_token"])
    cloud.userinfo(tokens["access_token"])
    first, second, third = cloud.cloud.journal()
    assert first.issued_fingerprint == fingerprint(tokens["refresh_token"])
    assert second.token_fingerprint == first.issued_fingerprint
    assert third.token_fingerprint == fingerprint(tokens["access_token"])
    assert {second.account, third.account} == {ANA}


def test_no_secret_enters_the_journal() -> None:
    cloud = DirectCloud(client_secret="segredo-do-cliente")
    tokens = read(cloud.sign_in(ANA))
    cloud.refresh(tokens["refresh_token"])
    cloud.post("/oauth/revoke", token=tokens["refresh_token"], client_secret="segredo-do-cliente")
    text = msgspec.json.encode(cloud.cloud.journal()).decode()
    for secret in (*tokens.values(), password_of(ANA), "segredo-do-cliente"):
        assert str(secret) not in text or secret == tokens["scope"] or len(str(secret)) < 8


def test_a_lost_request_is_noted_with_the_token_that_it_presented() -> None:
    cloud = DirectCloud()
    token = read(cloud.sign_in(ANA))["refresh_token"]
    body = f"grant_type=refresh_token&client_id={CLIENT_ID}&refresh_token={token}".encode()
    request = CloudRequest("auth", "POST", "/oauth/token", headers=FORM, body=body)
    cloud.cloud.lose(request, Fault("reset"))
    entry = cloud.cloud.journal()[-1]
    assert (entry.status, entry.fault, entry.account) == (None, "reset", ANA)
    assert entry.token_fingerprint == fingerprint(token)


def test_a_request_that_met_a_fault_is_noted_with_it() -> None:
    cloud = DirectCloud()
    cloud.cloud.set_fault(Fault("http_503"))
    cloud.sign_in(ANA)
    (entry,) = cloud.cloud.journal()
    assert (entry.status, entry.fault, entry.account) == (503, "http_503", ANA)


def test_only_the_last_entries_are_kept_and_numbers_go_on() -> None:
    journal, sample = Journal(kept=3), DirectCloud()
    sample.userinfo("x")
    (entry,) = sample.cloud.journal()
    for _time in range(10):
        n = journal.next_number()
        journal.add(msgspec.structs.replace(entry, n=n))
    assert [e.n for e in journal.since(0)] == [8, 9, 10]
    assert [e.n for e in journal.since(9)] == [10]
    assert journal.since(10) == []
    assert journal.total == 10


def test_since_gives_only_what_is_new() -> None:
    cloud: Cloud = DirectCloud().cloud
    for _time in range(5):
        cloud.handle(CloudRequest("api", "GET", "/health"))
    assert [entry.n for entry in cloud.journal(3)] == [4, 5]
