"""Every fault that the simulator knows, over real HTTPS: which error it becomes, on which server."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import datetime
from typing import get_args

import pytest

from onvio_agent.clock import SystemClock
from onvio_agent.onvio.errors import Busy, CloudError, NotSent, ServerError, Target, Uncertain
from onvio_agent.onvio.gate import Gate
from onvio_agent.onvio.httpx_transport import HttpxTransport
from onvio_agent.onvio.oauth import OAuth, issuer_of
from onvio_agent.onvio.transport import Transport
from onvio_agent.onvio.user_api import UserApi
from onvio_agent.simulator.faults import Kind
from support.sim import ANA, CLIENT_ID, Simulator, password_of

Outcome = tuple[type[CloudError], str]

EXPECTED: dict[Kind, Outcome] = {
    "latency": (Uncertain, "network.timeout"),
    "refuse": (NotSent, "network.refused"),
    "reset": (Uncertain, "network.interrupted"),
    "truncated": (Uncertain, "network.interrupted"),
    "http_500": (ServerError, "onvio.unavailable"),
    "http_503": (ServerError, "onvio.unavailable"),
    "limited": (Busy, "onvio.limited"),
    "html": (ServerError, "onvio.unexpected_answer"),
    "content_type": (ServerError, "onvio.unexpected_answer"),
    "cert_expired": (NotSent, "tls.expired"),
    "cert_foreign": (NotSent, "tls.untrusted"),
    "cert_name": (NotSent, "tls.wrong_name"),
}
DEADLINE_S = 5.0
LATENCY_S, SHORT_DEADLINE_S = 2.0, 0.4


class Cloud:
    """The whole client of one simulator."""

    def __init__(
        self, simulator: Simulator, transport: Transport, deadline_s: float = DEADLINE_S
    ) -> None:
        clock = SystemClock()
        self.oauth = OAuth(
            transport,
            client_id=CLIENT_ID,
            issuer=issuer_of(simulator.auth_url),
            clock=clock,
            deadline_s=deadline_s,
        )
        self.user_api = UserApi(
            transport, clock=clock, deadline_s=deadline_s, probe_deadline_s=deadline_s
        )


@contextlib.asynccontextmanager
async def transport_to(simulator: Simulator) -> AsyncIterator[HttpxTransport]:
    transport = HttpxTransport(
        api_url=simulator.api_url,
        auth_url=simulator.auth_url,
        version="0",
        ca_file=simulator.ca_file,
    )
    try:
        yield transport
    finally:
        await transport.aclose()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    running = Simulator(tmp_path_factory.mktemp("simulator"))
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def _without_faults(shared: Simulator) -> Iterator[None]:
    yield
    shared.clear()


def value_of(kind: Kind) -> float | None:
    """The fault's value, where its default would not do."""
    return LATENCY_S if kind == "latency" else None


def outcome(work: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[Outcome]]:
    async def run() -> Outcome:
        with pytest.raises(CloudError) as caught:
            await work()
        return type(caught.value), caught.value.reason

    return run


def test_the_table_names_every_fault_of_the_simulator() -> None:
    assert set(EXPECTED) == set(get_args(Kind))


@pytest.mark.parametrize("warm", [False, True], ids=["at_start", "while_connected"])
@pytest.mark.parametrize("kind", EXPECTED)
def test_each_fault_becomes_one_error_on_each_kind_of_request(
    shared: Simulator, kind: Kind, *, warm: bool
) -> None:
    async def run() -> dict[str, Outcome]:
        async with transport_to(shared) as transport:
            cloud = Cloud(shared, transport)
            tokens = await cloud.oauth.password_grant(ANA, password_of(ANA), offline=True)
            if kind == "latency":
                cloud = Cloud(shared, transport, SHORT_DEADLINE_S)
            requests: dict[str, Callable[[], Awaitable[object]]] = {
                "probe": cloud.user_api.probe,
                "userinfo": lambda: cloud.oauth.userinfo(tokens.access_token),
                "client_info": lambda: cloud.user_api.client_info(tokens.access_token),
                "refresh": lambda: cloud.oauth.refresh(str(tokens.refresh_token)),
            }
            if warm:
                for name in ("probe", "userinfo"):
                    await requests[name]()
            await asyncio.to_thread(shared.fault, kind, value=value_of(kind))
            return {name: await outcome(request)() for name, request in requests.items()}

    assert asyncio.run(run()) == dict.fromkeys(
        ("probe", "userinfo", "client_info", "refresh"), EXPECTED[kind]
    )


@pytest.mark.parametrize("target", get_args(Target))
def test_a_fault_of_one_server_leaves_the_other_alone(shared: Simulator, target: Target) -> None:
    async def run() -> list[Target]:
        async with transport_to(shared) as transport:
            cloud = Cloud(shared, transport)
            await asyncio.to_thread(shared.fault, "refuse", target)
            reached: list[Target] = []
            for asked in get_args(Target):
                with contextlib.suppress(NotSent):
                    await cloud.user_api.probe(asked)
                    reached.append(asked)
            return reached

    assert asyncio.run(run()) == [other for other in get_args(Target) if other != target]


@pytest.mark.parametrize("kind", EXPECTED)
def test_the_first_request_after_a_fault_succeeds(shared: Simulator, kind: Kind) -> None:
    async def run() -> float:
        async with transport_to(shared) as transport:
            cloud = Cloud(shared, transport)
            await asyncio.to_thread(shared.fault, kind, value=value_of(kind))
            with pytest.raises(CloudError):
                await Cloud(shared, transport, SHORT_DEADLINE_S).user_api.probe()
            await asyncio.to_thread(shared.clear)
            return await cloud.user_api.probe()

    assert 0 < asyncio.run(run()) < DEADLINE_S


def test_html_over_a_503_is_onvio_out_of_service(shared: Simulator) -> None:
    async def run() -> Outcome:
        async with transport_to(shared) as transport:
            cloud = Cloud(shared, transport)
            await asyncio.to_thread(shared.fault, "html", value=503)
            return await outcome(cloud.user_api.probe)()

    assert asyncio.run(run()) == (ServerError, "onvio.unavailable")


def test_a_lost_answer_to_a_refresh_may_have_spent_the_token(shared: Simulator) -> None:
    async def run() -> None:
        async with transport_to(shared) as transport:
            cloud = Cloud(shared, transport)
            tokens = await cloud.oauth.password_grant(ANA, password_of(ANA), offline=True)
            await asyncio.to_thread(shared.fault, "reset", "auth", 1, "after")
            with pytest.raises(Uncertain) as caught:
                await cloud.oauth.refresh(str(tokens.refresh_token))
            assert caught.value.may_have_acted

    asyncio.run(run())


def test_the_gate_asks_a_limited_server_only_once(simulator: Simulator) -> None:
    held: list[tuple[Target, datetime]] = []

    async def run() -> list[Outcome]:
        async with transport_to(simulator) as transport:
            gate = Gate(transport, clock=SystemClock(), on_hold=lambda *hold: held.append(hold))
            cloud = Cloud(simulator, gate)
            await asyncio.to_thread(simulator.fault, "limited", "api", None, 25)
            return [await outcome(cloud.user_api.probe)() for _ in range(5)]

    assert asyncio.run(run()) == [(Busy, "onvio.limited")] * 5
    limited = [entry for entry in simulator.journal() if entry["status"] == 429]
    assert len(limited) == 1
    assert [target for target, _ in held] == ["api"]
