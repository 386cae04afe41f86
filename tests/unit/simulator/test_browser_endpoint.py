"""The simulated /authorize: codes for one browser, once, and back to this machine alone."""

from __future__ import annotations

import base64
import hashlib
import json
from urllib.parse import parse_qs, urlencode

import pytest

from onvio_agent.simulator.accounts import AccountPatch
from onvio_agent.simulator.browser_endpoint import CODE_S
from onvio_agent.simulator.limits import LimitsPatch
from support.cloud import OFFLINE, DirectCloud, error_of, read
from support.landings import brought_back, fill_in, sign_in_page
from support.sim import ANA, CLIENT_ID, password_of

VERIFIER = "v" * 64
BACK = "http://127.0.0.1:5/callback"


def address(**changes: str) -> str:
    digest = hashlib.sha256(VERIFIER.encode()).digest()
    asked = {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": BACK,
        "scope": OFFLINE,
        "state": "s&1",
        "nonce": "n-1",
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    return f"https://auth.simulator.invalid/authorize?{urlencode(asked | changes)}"


def code_from(cloud: DirectCloud, **changes: str) -> str:
    page = sign_in_page(cloud.cloud, address(**changes))
    query = parse_qs(
        brought_back(fill_in(cloud.cloud, page, username=ANA, password=password_of(ANA)))
    )
    assert query["state"] == ["s&1"]
    return query["code"][0]


def exchange(cloud: DirectCloud, code: str, **changes: str) -> object:
    fields = {"code": code, "code_verifier": VERIFIER, "redirect_uri": BACK} | changes
    answer = cloud.post("/oauth/token", grant_type="authorization_code", **fields)
    return read(answer) if answer.status == 200 else error_of(answer)


def test_a_code_is_exchanged_once_for_tokens_of_whoever_signed_in() -> None:
    cloud = DirectCloud()
    code = code_from(cloud)
    done = exchange(cloud, code)
    assert isinstance(done, dict)
    assert read(cloud.userinfo(done["access_token"]))["email"] == ANA
    assert "refresh_token" in done
    claims = json.loads(base64.urlsafe_b64decode(done["id_token"].split(".")[1] + "=="))
    assert (claims["nonce"], claims["aud"]) == ("n-1", CLIENT_ID)
    assert (
        claims["iss"]
        == read(cloud.ask("auth", "GET", "/.well-known/openid-configuration"))["issuer"]
    )
    assert exchange(cloud, code) == (403, "invalid_grant")


@pytest.mark.parametrize(
    "changes", [{"code_verifier": "w" * 64}, {"redirect_uri": "http://127.0.0.1:6/callback"}]
)
def test_a_code_of_another_browser_is_refused_and_spent(changes: dict[str, str]) -> None:
    cloud = DirectCloud()
    code = code_from(cloud)
    assert exchange(cloud, code, **changes) == (403, "invalid_grant")
    assert exchange(cloud, code) == (403, "invalid_grant")


def test_a_code_that_was_not_asked_for_in_time_is_worth_nothing() -> None:
    cloud = DirectCloud()
    code = code_from(cloud)
    cloud.now += CODE_S
    assert exchange(cloud, code) == (403, "invalid_grant")


@pytest.mark.parametrize(
    "changes",
    [{"redirect_uri": "https://evil.example/"}, {"redirect_uri": "x"}, {"client_id": "other"}],
)
def test_nobody_is_sent_to_another_machine(changes: dict[str, str]) -> None:
    answer = sign_in_page(DirectCloud().cloud, address(**changes))
    assert error_of(answer) == (403, "unauthorized_client")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
    ],
)
def test_another_flow_and_one_without_pkce_are_refused(changes: dict[str, str], error: str) -> None:
    query = parse_qs(brought_back(sign_in_page(DirectCloud().cloud, address(**changes))))
    assert query["error"] == [error]


def test_wrong_passwords_show_the_page_again_and_are_counted() -> None:
    cloud = DirectCloud()
    cloud.cloud.set_limits(LimitsPatch(wrong_passwords=1))
    page = sign_in_page(cloud.cloud, address(login_hint='a"><b@x.example'))
    assert b'"><b@' not in page.body
    for told in ("E-mail ou senha errados", "Conta bloqueada"):
        page = fill_in(cloud.cloud, page, username=ANA, password="errada")
        assert page.status == 400
        assert told in page.body.decode()


def test_a_second_factor_is_asked_for_on_the_page() -> None:
    cloud = DirectCloud()
    for kind in ("otp", "oob"):
        cloud.cloud.patch_account(ANA, AccountPatch(second_factor=kind))  # type: ignore[arg-type]
        page = sign_in_page(cloud.cloud, address())
        page = fill_in(cloud.cloud, page, username=ANA, password=password_of(ANA))
        page = fill_in(cloud.cloud, page, code="x")
        assert (page.status, "Código errado" in page.body.decode()) == (400, True)
        back = fill_in(cloud.cloud, page, code=str(cloud.cloud.codes(ANA)[kind]))
        done = exchange(cloud, parse_qs(brought_back(back))["code"][0])
        assert isinstance(done, dict)
        assert cloud.refresh(done["refresh_token"]).status == 200


def test_the_codes_survive_a_restart_of_the_simulator() -> None:
    cloud = DirectCloud()
    code = code_from(cloud)
    assert code in cloud.cloud.world.state().browser_codes
