"""Whom a way leads to, and what an address can only mean."""

from __future__ import annotations

import pytest

from onvio_agent.checks.net import is_this_machine, way_to


def test_a_direct_way_leads_to_the_server() -> None:
    way = way_to("https://api.onvio.example:8443/base", None)
    assert (way.scheme, way.host, way.port, way.first_host) == (
        "https",
        "api.onvio.example",
        8443,
        "api.onvio.example",
    )


def test_a_way_through_a_proxy_begins_there() -> None:
    way = way_to("https://api.onvio.example", "http://proxy.example:3128")
    assert (way.port, way.first_host) == (443, "proxy.example")
    assert way.proxy is not None
    assert (way.proxy.port, way.proxy.authorization) == (3128, "")


@pytest.mark.parametrize("host", ["localhost", "x.localhost", "127.0.0.9", "::1", "0.0.0.0", "::"])
def test_this_machine(host: str) -> None:
    assert is_this_machine(host)


@pytest.mark.parametrize("host", ["api.onvio.example", "10.0.0.1", "fe80::1%eth0", "203.0.113.7"])
def test_another_machine(host: str) -> None:
    assert not is_this_machine(host)
