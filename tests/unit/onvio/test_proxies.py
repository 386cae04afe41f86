"""Which proxy leads to an address."""

from __future__ import annotations

import pytest

from onvio_agent.onvio.proxies import system_proxy

NAMES = [
    name
    for base in ("https_proxy", "http_proxy", "all_proxy", "no_proxy")
    for name in (base, base.upper())
]


@pytest.fixture(autouse=True)
def _no_proxy_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def test_without_settings_the_way_is_direct() -> None:
    assert system_proxy("https://api.example") is None


@pytest.mark.parametrize("name", ["https_proxy", "HTTPS_PROXY", "ALL_PROXY"])
def test_the_environment_names_the_proxy(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "http://proxy.example:3128")
    assert system_proxy("https://api.example") == "http://proxy.example:3128"


def test_an_address_without_a_scheme_is_taken_as_http(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "proxy.example:3128")
    assert system_proxy("https://api.example") == "http://proxy.example:3128"


def test_exceptions_are_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", "onvio.example")
    assert system_proxy("https://api.onvio.example") is None
    assert system_proxy("https://api.example") is not None


@pytest.mark.parametrize("host", ["127.0.0.1:8443", "[::1]:8443", "localhost", "api.localhost"])
def test_this_machine_is_never_reached_through_a_proxy(
    monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    assert system_proxy(f"https://{host}/x") is None
