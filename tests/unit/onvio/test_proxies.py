"""Which proxy leads to an address."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec
import pytest

from onvio_agent.errors import Failed
from onvio_agent.onvio.proxies import chosen_proxy, named_in, system_proxy
from onvio_config.model import Proxy

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


def test_the_settings_come_before_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://system.example:3128")
    wanted = Proxy(url="http://office.example:8080")
    assert chosen_proxy("https://api.example", wanted) == "http://office.example:8080"
    assert chosen_proxy("https://api.example", Proxy()) == "http://system.example:3128"
    assert chosen_proxy("https://api.example", Proxy(url="none")) is None
    assert chosen_proxy("https://127.0.0.1:1", wanted) is None


def test_user_and_password_join_the_address_whatever_they_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    password_path = tmp_path / "proxy.password"
    password_path.write_text("p@ss:wörd/%\r\nsecond line\n", encoding="utf-8")
    wanted = Proxy(url="http://office.example:8080", user="ana@x", password_file=str(password_path))
    parts = urlsplit(chosen_proxy("https://api.example", wanted) or "")
    assert (parts.hostname, parts.port) == ("office.example", 8080)
    assert (unquote(parts.username or ""), unquote(parts.password or "")) == (
        "ana@x",
        "p@ss:wörd/%",
    )
    monkeypatch.setenv("https_proxy", "http://old:secret@system.example:3128")
    joined = chosen_proxy("https://api.example", Proxy(user="ana")) or ""
    assert joined == "http://ana:@system.example:3128"


def test_a_password_that_cannot_be_read_is_a_mistake_in_the_settings(tmp_path: Path) -> None:
    wanted = Proxy(url="http://p.example:1", user="ana", password_file=str(tmp_path / "none"))
    with pytest.raises(Failed) as failed:
        chosen_proxy("https://api.example", wanted)
    assert failed.value.code == "settings.invalid"
    assert str(failed.value.fields["detail"]).startswith(
        f"proxy.password_file {tmp_path / 'none'}: "
    )


@pytest.mark.parametrize(
    "url", ["http://ana:senha@proxy.example:3128", "proxy.example:3128", "pac"]
)
def test_an_address_with_a_password_in_it_is_refused(url: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"url": url}, Proxy)


@pytest.mark.parametrize(
    "address",
    [
        "http://proxy:99999",
        "proxy:0",
        "http://proxy:x",
        "http://[::1",
        "http://",
        "http://ana:segredo@:80",
        "ana:segredo@:80",
        "socks5://ana:segredo@127.0.0.1:9",
    ],
)
def test_an_address_that_is_none_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("https_proxy", address)
    with pytest.raises(Failed) as refused:
        system_proxy("https://api.example")
    assert refused.value.code == "settings.invalid"
    assert "HTTPS_PROXY" in str(refused.value.fields["detail"])
    assert "segredo" not in str(refused.value.fields)


def test_who_names_the_proxy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    url, place = "https://api.example", "http://proxy.example:3128"
    assert named_in(url, Proxy()) == ""
    monkeypatch.setenv("ALL_PROXY", place)
    assert named_in(url, Proxy()) == "ALL_PROXY"
    monkeypatch.setenv("https_proxy", place)
    assert named_in(url, Proxy()) == "HTTPS_PROXY"
    assert named_in(url, Proxy(url=place)) == "proxy.url"
