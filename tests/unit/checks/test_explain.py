"""What is behind a failure, for each that can have something behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from onvio_agent.checks.explain import Cause, explain
from onvio_agent.checks.net import Answer, Net, Stream, way_to
from support.aio import on_loop
from support.nets import PaperNet, PaperStream

HOST = "api.onvio.example"
NAMES = {HOST: ["203.0.113.7"], "proxy.example": ["10.0.0.9"]}
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
PAGE = Answer(200, {"content-type": "text/html; charset=utf-8"})
BROKEN_HTTPS = ("network.timeout", "network.refused", "network.interrupted", "tls.untrusted",
                "tls.wrong_name", "tls.failed", "tls.expired")  # fmt: skip


async def behind(reason: str, net: Net, proxy: str | None = None) -> Cause | None:
    return await explain(reason, net, way_to(f"https://{HOST}", proxy), lambda: NOW)


@on_loop
async def test_a_network_that_works_leaves_every_reason_as_it_is() -> None:
    date = Answer(404, {"date": "Tue, 24 Nov 2026 12:00:10 GMT"})
    net = PaperNet(names=NAMES, answers={443: date})
    for reason in (*BROKEN_HTTPS, "onvio.unavailable", "onvio.unexpected_answer", "network.none"):
        assert await behind(reason, net) is None, reason


@pytest.mark.parametrize("reason", ["network.dns", "network.timeout", "network.interrupted"])
def test_without_a_route_there_is_no_network(reason: str) -> None:
    cause = asyncio.run(behind(reason, PaperNet(is_up=False)))
    assert cause is not None
    assert (cause.rung, cause.reason) == ("route", "network.none")


@pytest.mark.parametrize("reason", BROKEN_HTTPS)
def test_a_page_over_plain_http_is_a_sign_in_page(reason: str) -> None:
    date = Answer(404, {"date": "Tue, 24 Nov 2026 12:00:10 GMT"})
    cause = asyncio.run(behind(reason, PaperNet(names=NAMES, answers={80: PAGE, 443: date})))
    assert cause is not None
    assert (cause.rung, cause.reason) == ("portal", "network.captive_portal")


@pytest.mark.parametrize("address", ["0.0.0.0", "127.0.0.1", "::1"])
@on_loop
async def test_a_name_that_leads_to_this_machine_is_a_lie_of_the_name_server(address: str) -> None:
    net = PaperNet(names={HOST: [address]}, answers={80: PAGE})
    for reason in ("network.refused", "tls.untrusted"):
        cause = await behind(reason, net)
        assert cause is not None
        assert (cause.rung, cause.reason) == ("dns", "network.dns")


class SilentNames(PaperNet):
    """A name server that never answers."""

    async def resolve(self, host: str) -> Sequence[str]:
        await asyncio.sleep(3600)
        raise AssertionError


@on_loop
async def test_a_name_server_that_is_silent_is_behind_a_timeout(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("onvio_agent.checks.explain.ASK_S", 0.01)
    cause = await behind("network.timeout", SilentNames())
    assert cause is not None
    assert (cause.rung, cause.reason) == ("dns", "network.dns")


@pytest.mark.parametrize("days", [-2, 2])
def test_a_date_that_is_far_from_the_servers_is_behind_an_expired_certificate(days: int) -> None:
    date = NOW + timedelta(days=days)
    told = Answer(404, {"date": date.strftime("%a, %d %b %Y %H:%M:%S GMT")})
    cause = asyncio.run(behind("tls.expired", PaperNet(names=NAMES, answers={443: told})))
    assert cause is not None
    assert (cause.rung, cause.reason) == ("clock", "clock.skewed")


@on_loop
async def test_behind_a_proxy_no_sign_in_page_is_looked_for_and_the_proxy_is_asked() -> None:
    answer = Answer(503, {"x-squid-error": "ERR_DNS_FAIL 0"})
    net = PaperNet(names=NAMES, answers={3128: answer, 80: PAGE})
    cause = await behind("network.proxy_no_way", net, "http://ana:s%40nha@proxy.example:3128")
    assert cause is not None
    assert (cause.rung, cause.reason) == ("proxy", "network.dns")
    assert net.heads[0].splitlines() == [
        f"CONNECT {HOST}:443 HTTP/1.1",
        f"Host: {HOST}:443",
        "Proxy-Authorization: Basic YW5hOnNAbmhh",
    ]
    assert "nha" not in repr(way_to(f"https://{HOST}", "http://ana:s%40nha@proxy.example:3128"))


PROXY = "http://proxy.example:3128"


@pytest.mark.parametrize("reason", ["network.timeout", "network.interrupted"])
def test_a_proxy_that_takes_no_connection_is_behind_what_was_not_answered(reason: str) -> None:
    cause = asyncio.run(behind(reason, PaperNet(names=NAMES), PROXY))
    assert cause is not None
    assert (cause.rung, cause.reason) == ("proxy", "network.proxy_unreachable")
    assert cause.detail.startswith("proxy proxy.example:3128: ")


@on_loop
async def test_a_page_instead_of_a_tunnel_is_no_proxys() -> None:
    for headers in ({"content-type": "text/html"}, {"content-length": "4"}):
        net = PaperNet(names=NAMES, answers={3128: Answer(200, headers)})
        for reason in ("tls.failed", "network.interrupted", "network.timeout"):
            cause = await behind(reason, net, PROXY)
            assert cause is not None
            assert (cause.rung, cause.reason) == ("proxy", "network.proxy_unexpected")
    tunnel = PaperNet(names=NAMES, answers={3128: Answer(200, {})})
    assert await behind("tls.failed", tunnel, PROXY) is None


class MuteProxy(PaperNet):
    """Takes connections and says nothing."""

    async def connect(self, addresses: Sequence[str], port: int) -> Stream:
        return MuteStream(self, PAGE)


class MuteStream(PaperStream):
    async def ask(self, head: str) -> Answer:
        await asyncio.sleep(3600)
        raise AssertionError


@on_loop
async def test_a_proxy_that_does_not_answer_connect_is_behind_a_timeout(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("onvio_agent.checks.explain.ASK_S", 0.01)
    cause = await behind("network.timeout", MuteProxy(names=NAMES), PROXY)
    assert cause is not None
    assert (cause.rung, cause.reason) == ("proxy", "network.proxy_no_way")
    assert "proxy.example:3128" in cause.detail
    assert await behind("network.proxy_no_way", MuteProxy(names=NAMES), PROXY) is None


@on_loop
async def test_without_a_route_a_proxy_is_not_to_blame() -> None:
    for reason in ("network.proxy_unreachable", "network.proxy_unexpected", "network.proxy_no_way"):
        cause = await behind(reason, PaperNet(is_up=False), PROXY)
        assert cause is not None
        assert (cause.rung, cause.reason) == ("route", "network.none")
        if reason != "network.proxy_no_way":  # it was reached then
            assert await behind(reason, PaperNet(names=NAMES), PROXY) is None


@on_loop
async def test_a_name_server_that_does_not_know_the_proxy_is_behind_a_timeout() -> None:
    cause = await behind("network.timeout", PaperNet(), PROXY)
    assert cause is not None
    assert (cause.rung, cause.reason) == ("dns", "network.proxy_unreachable")
