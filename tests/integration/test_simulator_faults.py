"""Every fault kind, over real HTTPS: what a real client gets to see."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from onvio_agent.simulator.faults import CERT_KINDS, KINDS
from support.sim import ANA, CLIENT_ID, Simulator

VERIFY_CODES = {"cert_expired": 10, "cert_foreign": 20}
WRONG_ADDRESS = 64  # an address that is not in the certificate; 62 would be a name


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """One simulator for all tests of this file."""
    simulator = Simulator(tmp_path_factory.mktemp("faults"))
    yield simulator
    simulator.stop()


@pytest.fixture
def sim(running: Simulator) -> Iterator[Simulator]:
    """It without any fault, before and after."""
    running.clear()
    yield running
    running.clear()


def get(sim: Simulator, path: str = "/health", target: str = "api") -> httpx.Response:
    """One request by the asynchronous client, which is the agent's."""
    base = sim.api_url if target == "api" else sim.auth_url

    async def ask() -> httpx.Response:
        context = ssl.create_default_context(cafile=sim.ca_file)
        async with httpx.AsyncClient(verify=context, trust_env=False) as client:
            return await client.get(base + path)

    return asyncio.run(ask())


def root_cause(error: BaseException) -> BaseException:
    """The innermost error."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__
    return error


WIRE_KINDS: list[tuple[str, Any, type[httpx.TransportError]]] = [
    ("refuse", None, httpx.ConnectError),
    ("reset", None, httpx.ReadError),
    ("reset", "before", httpx.ReadError),
    ("reset", "after", httpx.ReadError),
    ("truncated", None, httpx.RemoteProtocolError),
    *((kind, None, httpx.ConnectError) for kind in CERT_KINDS),
]


@pytest.mark.parametrize("times", [None, 1])
@pytest.mark.parametrize(("kind", "value", "error"), WIRE_KINDS)
def test_a_wire_fault_reaches_the_client_and_ends(
    sim: Simulator, kind: str, value: Any, error: type[Exception], times: int | None
) -> None:
    sim.fault(kind, target="api", times=times, value=value)
    with pytest.raises(error):
        get(sim)
    assert get(sim, target="auth").status_code == 200
    if times is None:
        with pytest.raises(error):
            get(sim)
        sim.clear()
    assert get(sim).status_code == 200


@pytest.mark.parametrize("kind", CERT_KINDS)
def test_a_bad_certificate_is_bad_in_the_way_it_says(sim: Simulator, kind: str) -> None:
    sim.fault(kind)
    with pytest.raises(httpx.ConnectError) as caught:
        get(sim)
    cause = root_cause(caught.value)
    assert isinstance(cause, ssl.SSLCertVerificationError)
    assert cause.verify_code == VERIFY_CODES.get(kind, WRONG_ADDRESS)


def test_a_refused_port_says_refused(sim: Simulator) -> None:
    sim.fault("refuse", target="auth")
    with pytest.raises(httpx.ConnectError) as caught:
        get(sim, target="auth")
    assert isinstance(root_cause(caught.value), ConnectionRefusedError)


ANSWER_KINDS: list[tuple[str, Any, int, str]] = [
    ("http_500", None, 500, "application/problem+json"),
    ("http_503", 3, 503, "application/problem+json"),
    ("limited", 3, 429, "application/problem+json"),
    ("html", None, 200, "text/html; charset=utf-8"),
    ("html", 503, 503, "text/html; charset=utf-8"),
    ("content_type", None, 200, "text/plain"),
]


@pytest.mark.parametrize(("kind", "value", "status", "media_type"), ANSWER_KINDS)
def test_an_answer_fault_reaches_the_client_and_ends(
    sim: Simulator, kind: str, value: Any, status: int, media_type: str
) -> None:
    sim.fault(kind, target="api", times=1, value=value)
    answer = get(sim)
    assert (answer.status_code, answer.headers["content-type"]) == (status, media_type)
    assert ("retry-after" in answer.headers) == (kind in ("http_503", "limited"))
    assert get(sim).status_code == 200


def test_latency_delays_the_answer_past_a_client_deadline(sim: Simulator) -> None:
    sim.fault("latency", value=5, times=1)
    with sim.client(timeout=0.2) as client:
        with pytest.raises(httpx.ReadTimeout):
            client.get(f"{sim.api_url}/health")
        assert client.get(f"{sim.api_url}/health").status_code == 200


def test_every_kind_is_tested_here() -> None:
    tested = {kind for kind, *_rest in (*WIRE_KINDS, *ANSWER_KINDS)} | {"latency"}
    assert tested == set(KINDS)


@pytest.mark.parametrize(("value", "acted"), [("before", False), ("after", True)])
def test_a_reset_comes_before_or_after_the_server_acted(
    sim: Simulator, value: str, acted: bool
) -> None:
    token = sim.sign_in(ANA).json()["refresh_token"]
    form = {"grant_type": "refresh_token", "client_id": CLIENT_ID, "refresh_token": token}
    seen = sim.journal()[-1]["n"]
    sim.fault("reset", target="auth", times=1, value=value)
    with sim.client() as client:
        with pytest.raises(httpx.TransportError):
            client.post(f"{sim.auth_url}/oauth/token", data=form)
        again = client.post(f"{sim.auth_url}/oauth/token", data=form)
    assert again.status_code == (403 if acted else 200)
    (lost, _second) = sim.journal(since=seen)
    assert (lost["status"], lost["fault"]) == (200 if acted else None, "reset")


@pytest.mark.parametrize("kind", ["refuse", *CERT_KINDS])
def test_a_fault_of_connections_strikes_kept_alive_ones_at_once(sim: Simulator, kind: str) -> None:
    with sim.client() as client:
        assert client.get(f"{sim.api_url}/health").status_code == 200
        sim.fault(kind, target="api")
        with pytest.raises(httpx.TransportError):
            client.get(f"{sim.api_url}/health")
        assert client.get(f"{sim.auth_url}/health").status_code == 200
        sim.clear()
        assert client.get(f"{sim.api_url}/health").status_code == 200


def test_a_path_confines_a_fault(sim: Simulator) -> None:
    sim.fault("http_500", path="/oauth/token")
    assert get(sim, target="auth").status_code == 200
    assert sim.sign_in(ANA).status_code == 500


def test_a_body_that_is_too_large_is_refused(sim: Simulator) -> None:
    with sim.client() as client:
        answer = client.post(f"{sim.auth_url}/oauth/token", content=b"x" * 6_100_000)
    assert answer.status_code == 413
