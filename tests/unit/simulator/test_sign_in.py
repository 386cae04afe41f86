"""The password grant: who gets tokens, and Auth0's answer to everybody else."""

from __future__ import annotations

import base64

import pytest

from onvio_agent.simulator.accounts import BLOCK_S, AccountPatch
from support.cloud import DirectCloud, error_of, read
from support.sim import ANA, CLIENT_ID, password_of


def test_the_right_password_gives_an_access_and_a_refresh_token() -> None:
    answer = DirectCloud().sign_in(ANA)
    body = read(answer)
    assert answer.status == 200
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == 86400
    assert {"access_token", "refresh_token"} <= body.keys()
    assert answer.headers["cache-control"] == "no-store"


def test_the_email_is_compared_without_case() -> None:
    assert DirectCloud().sign_in("ANA@Escritorio.Example", password_of(ANA)).status == 200


def test_without_offline_access_there_is_no_refresh_token() -> None:
    assert "refresh_token" not in read(DirectCloud().sign_in(ANA, scope="openid email"))


@pytest.mark.parametrize("email", [ANA, "ninguem@escritorio.example"])
def test_a_wrong_password_and_an_unknown_account_look_the_same(email: str) -> None:
    cloud = DirectCloud()
    answer = cloud.sign_in(email, "errada")
    assert error_of(answer) == (403, "invalid_grant")
    assert read(answer)["error_description"] == "Wrong email or password."


def test_ten_wrong_passwords_block_the_account_and_no_other() -> None:
    cloud = DirectCloud()
    for _try in range(10):
        assert error_of(cloud.sign_in(ANA, "errada")) == (403, "invalid_grant")
    assert error_of(cloud.sign_in(ANA)) == (429, "too_many_attempts")
    assert cloud.sign_in("bruno@escritorio.example").status == 200
    cloud.now += BLOCK_S
    assert cloud.sign_in(ANA).status == 200


def test_a_change_of_the_account_lifts_the_block() -> None:
    cloud = DirectCloud()
    for _try in range(11):
        cloud.sign_in(ANA, "errada")
    cloud.cloud.patch_account(ANA, AccountPatch(password="nova"))
    assert cloud.sign_in(ANA, "nova").status == 200


def test_a_disabled_account_is_blocked_but_a_wrong_password_does_not_tell() -> None:
    cloud = DirectCloud()
    cloud.cloud.patch_account(ANA, AccountPatch(state="disabled"))
    assert error_of(cloud.sign_in(ANA)) == (403, "unauthorized")
    assert error_of(cloud.sign_in(ANA, "errada")) == (403, "invalid_grant")


@pytest.mark.parametrize(("state", "settles_s"), [("reset", 180), ("new", 420)])
def test_a_reset_or_new_account_works_only_after_some_minutes(state: str, settles_s: int) -> None:
    cloud = DirectCloud()
    cloud.cloud.patch_account(ANA, AccountPatch(state=state))
    assert error_of(cloud.sign_in(ANA)) == (403, "invalid_grant")
    cloud.cloud.advance(settles_s - 1)
    assert error_of(cloud.sign_in(ANA)) == (403, "invalid_grant")
    cloud.cloud.advance(1)
    assert cloud.sign_in(ANA).status == 200


def test_a_right_password_on_a_settling_account_does_not_count_as_a_guess() -> None:
    cloud = DirectCloud()
    cloud.cloud.patch_account(ANA, AccountPatch(state="reset"))
    for _try in range(12):
        cloud.sign_in(ANA)
    cloud.cloud.advance(180)
    assert cloud.sign_in(ANA).status == 200


def test_a_second_factor_is_asked_for_only_after_the_right_password() -> None:
    cloud = DirectCloud()
    cloud.cloud.patch_account(ANA, AccountPatch(second_factor="otp"))
    assert error_of(cloud.sign_in(ANA, "errada")) == (403, "invalid_grant")
    answer = cloud.sign_in(ANA)
    assert error_of(answer) == (403, "mfa_required")
    assert read(answer)["mfa_token"]


def test_a_client_without_the_password_grant_is_told_so() -> None:
    answer = DirectCloud(password_grant=False).sign_in(ANA)
    assert error_of(answer) == (403, "unauthorized_client")


def test_another_client_or_a_wrong_secret_is_refused() -> None:
    cloud = DirectCloud(client_secret="segredo")
    form = {"grant_type": "refresh_token", "refresh_token": "v1.x"}
    assert error_of(cloud.post("/oauth/token", client_id="x", **form)) == (401, "invalid_client")
    wrong = cloud.post("/oauth/token", client_secret="errado", **form)
    assert error_of(wrong) == (401, "invalid_client")
    right = cloud.post("/oauth/token", client_secret="segredo", **form)
    assert error_of(right) == (403, "invalid_grant")


def test_client_credentials_may_come_as_http_basic() -> None:
    cloud = DirectCloud(client_secret="segredo")
    basic = base64.b64encode(f"{CLIENT_ID}:segredo".encode()).decode()
    answer = cloud.ask(
        "auth",
        "POST",
        "/oauth/token",
        "grant_type=refresh_token&refresh_token=v1.x",
        content_type="application/x-www-form-urlencoded",
        authorization=f"Basic {basic}",
    )
    assert error_of(answer) == (403, "invalid_grant")


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", ""),
        ("application/x-www-form-urlencoded", "grant_type=password"),
        ("application/x-www-form-urlencoded", f"client_id={CLIENT_ID}&grant_type=password"),
        ("application/x-www-form-urlencoded", "grant_type=password&grant_type=password"),
        ("application/x-www-form-urlencoded", "grant_type=%ff" + "&a=1" * 60),
        ("application/json", "[1]"),
        ("application/json", '{"grant_type": 1}'),
        ("text/plain", "grant_type=password"),
    ],
)
def test_a_malformed_request_is_answered_as_such(content_type: str, body: str) -> None:
    answer = DirectCloud().ask("auth", "POST", "/oauth/token", body, content_type=content_type)
    assert error_of(answer) == (400, "invalid_request")


def test_a_grant_type_that_nobody_knows_is_refused() -> None:
    answer = DirectCloud().post("/oauth/token", grant_type="implicit")
    assert error_of(answer) == (403, "unsupported_grant_type")


def test_json_is_taken_as_well_as_a_form() -> None:
    body = f'{{"grant_type":"refresh_token","refresh_token":"v1.x","client_id":"{CLIENT_ID}"}}'
    answer = DirectCloud().ask(
        "auth", "POST", "/oauth/token", body, content_type="application/json"
    )
    assert error_of(answer) == (403, "invalid_grant")
