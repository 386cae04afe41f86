"""The integration side over HTTPS, and its levers: what a program of another language would see."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import httpx
import pytest

from support.deliveries import AUDIENCE, BATCHES, ENABLE, INFO, PADARIA, SECRET, nfe
from support.sim import CLIENT_ID, Simulator, office_seed


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """One simulator for all tests of this file."""
    seed = office_seed(client_secret=SECRET)
    simulator = Simulator(tmp_path_factory.mktemp("deliveries"), seed)
    yield simulator
    simulator.stop()


def token_of(sim: Simulator, *, basic: bool = False) -> str:
    form = {"grant_type": "client_credentials", "audience": AUDIENCE}
    named = {"client_id": CLIENT_ID, "client_secret": SECRET}
    with sim.client() as client:
        answer = client.post(
            f"{sim.auth_url}/oauth/token",
            data=form if basic else form | named,
            auth=(CLIENT_ID, SECRET) if basic else None,
        )
    return str(answer.raise_for_status().json()["access_token"])


def asked(
    sim: Simulator, token: str, key: str, method: str, path: str, **more: Any
) -> httpx.Response:
    headers = {"authorization": f"Bearer {token}", "x-integration-key": key}
    with sim.client(headers=headers) as client:
        return client.request(method, f"{sim.api_url}{path}", **more)


def delivered(sim: Simulator, token: str, key: str, document: bytes) -> str:
    """The id of a batch that `document` was sent in, by httpx's own multipart."""
    parts = {
        "file[]": ("nota.xml", document, "application/xml"),
        "query": (None, b'{"boxeFile": false}', "application/json"),
    }
    answer = asked(sim, token, key, "POST", BATCHES, files=parts)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def key_of(sim: Simulator, token: str) -> str:
    return str(asked(sim, token, "chave-1", "POST", ENABLE).json()["integrationKey"])


def test_a_document_arrives_byte_for_byte_and_outlives_the_process(running: Simulator) -> None:
    token = token_of(running, basic=True)
    info = asked(running, token, "chave-1", "GET", INFO).json()
    assert info["clientNationalIdentity"] == PADARIA
    key, document = key_of(running, token), nfe(1)
    batch_id = delivered(running, token, key, document)
    running.restart()
    found = asked(running, token, key, "GET", f"{BATCHES}/{batch_id}").json()
    assert found["filesExpanded"][0]["apiStatus"]["code"] == "SA2"
    digest = sha256(document).hexdigest()
    (stored,) = [d for d in running.control("GET", "documents") if d["sha256"] == digest]
    assert stored["cnpj"] == PADARIA
    assert stored["access_key"] in document.decode()
    assert stored["copies"] == 1
    assert stored["stored_at"].endswith("Z")


def test_the_same_faults_strike_deliveries(running: Simulator) -> None:
    token = token_of(running)
    key = key_of(running, token)
    running.fault("http_503", target="api", times=1, value=30, path=BATCHES)
    busy = asked(running, token, key, "POST", BATCHES, content=b"x")
    assert (busy.status_code, busy.headers["retry-after"]) == (503, "30")
    running.fault("reset", target="api", times=1, value="after", path=BATCHES)
    before = running.control("GET", "documents")
    with pytest.raises((httpx.TransportError, ssl.SSLError)):
        delivered(running, token, key, nfe(77))
    assert len(running.control("GET", "documents")) == len(before) + 1


def test_the_levers_answer_with_what_is_in_force(running: Simulator) -> None:
    levers = running.control("POST", "integration", {"outcome": {"code": "EA3", "times": 1}})
    assert levers["outcome"] == {"code": "EA3", "times": 1}
    token = token_of(running)
    key = key_of(running, token)
    batch_id = delivered(running, token, key, nfe(2))
    found = asked(running, token, key, "GET", f"{BATCHES}/{batch_id}").json()
    assert found["filesExpanded"][0]["apiStatus"]["code"] == "EA3"
    running.control("POST", f"clients/{PADARIA}/revoke")
    assert asked(running, token, key, "GET", f"{BATCHES}/{batch_id}").status_code == 400
    running.control("POST", "integration/revoke")
    assert asked(running, token, key, "GET", f"{BATCHES}/{batch_id}").status_code == 401
    with pytest.raises(httpx.HTTPStatusError) as refused:
        running.control("POST", "integration", {"duplicates": "often"})
    assert "duplicates" in refused.value.response.json()["error"]
