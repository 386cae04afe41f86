"""Second factors at the token server, as Auth0's documentation gives them."""

from __future__ import annotations

import base64
import hmac
from typing import Any

import pytest

from onvio_agent.simulator.accounts import BLOCK_S, AccountPatch
from onvio_agent.simulator.limits import LimitsPatch
from onvio_agent.simulator.second_factors import WAIT_S
from onvio_agent.simulator.wire import CloudResponse
from support.cloud import DirectCloud, error_of, read
from support.sim import ANA

GRANT = "http://auth0.com/oauth/grant-type/mfa-"


def office(kind: str = "otp") -> DirectCloud:
    """One in which Ana uses a second factor."""
    cloud = DirectCloud()
    cloud.cloud.patch_account(ANA, AccountPatch(second_factor=kind))  # type: ignore[arg-type]
    return cloud


def begin(cloud: DirectCloud) -> str:
    """Ana's right password: the `mfa_token`."""
    answer = cloud.sign_in(ANA)
    assert error_of(answer) == (403, "mfa_required")
    return str(read(answer)["mfa_token"])


def give(cloud: DirectCloud, token: str, kind: str, **fields: str) -> CloudResponse:
    return cloud.post("/oauth/token", grant_type=GRANT + kind, mfa_token=token, **fields)


def challenge(cloud: DirectCloud, token: str, **fields: str) -> Any:
    return read(cloud.post("/mfa/challenge", mfa_token=token, **fields))


def authenticators(cloud: DirectCloud, token: str) -> CloudResponse:
    return cloud.ask("auth", "GET", "/mfa/authenticators", authorization=f"Bearer {token}")


def test_an_apps_code_completes_the_sign_in_with_the_scope_that_was_asked_for() -> None:
    cloud = office()
    token = begin(cloud)
    done = read(give(cloud, token, "otp", otp=str(cloud.cloud.codes(ANA)["otp"])))
    assert {"access_token", "refresh_token"} <= done.keys()
    assert read(cloud.userinfo(done["access_token"]))["email"] == ANA
    assert error_of(give(cloud, token, "otp", otp="123456")) == (401, "expired_token")


def test_an_apps_code_is_what_rfc_6238_says() -> None:
    cloud = office()
    secret = base64.b32decode(str(cloud.cloud.codes(ANA)["otp_secret"]))
    digest = hmac.digest(secret, int(cloud.now // 30).to_bytes(8), "sha1")
    number = int.from_bytes(digest[digest[-1] & 15 :][:4]) & 0x7FFFFFFF
    assert cloud.cloud.codes(ANA)["otp"] == f"{number % 1_000_000:06d}"


def test_a_code_that_has_just_changed_is_taken_and_an_older_one_is_not() -> None:
    cloud = office()
    code = str(cloud.cloud.codes(ANA)["otp"])
    cloud.now += 30
    assert give(cloud, begin(cloud), "otp", otp=code).status == 200
    cloud.now += 60
    assert error_of(give(cloud, begin(cloud), "otp", otp=code)) == (403, "invalid_grant")


def test_a_code_by_email_needs_its_challenge_and_the_newest_one_counts() -> None:
    cloud = office("oob")
    token = begin(cloud)
    kinds = {each["authenticator_type"]: each for each in read(authenticators(cloud, token))}
    assert kinds["oob"]["oob_channel"] == "email"
    assert ANA not in kinds["oob"]["name"]
    assert cloud.cloud.codes(ANA)["oob"] is None
    first = challenge(cloud, token, challenge_type="oob")
    assert (first["challenge_type"], first["binding_method"]) == ("oob", "prompt")
    old = str(cloud.cloud.codes(ANA)["oob"])
    second = challenge(cloud, token, challenge_type="otp oob")
    new = str(cloud.cloud.codes(ANA)["oob"])
    stale = give(cloud, token, "oob", oob_code=first["oob_code"], binding_code=old)
    assert error_of(stale) == (403, "invalid_grant")
    assert give(cloud, token, "oob", oob_code=second["oob_code"], binding_code=new).status == 200
    assert cloud.cloud.codes(ANA)["oob"] is None


def test_a_recovery_code_is_taken_once_and_exchanged() -> None:
    cloud = office()
    code = str(cloud.cloud.codes(ANA)["recovery_code"])
    done = read(give(cloud, begin(cloud), "recovery-code", recovery_code=code))
    assert done["recovery_code"] == cloud.cloud.codes(ANA)["recovery_code"] != code
    again = give(cloud, begin(cloud), "recovery-code", recovery_code=code)
    assert error_of(again) == (403, "invalid_grant")


def test_a_message_to_approve_asks_for_no_code() -> None:
    cloud = office("push")
    token = begin(cloud)
    known = read(authenticators(cloud, token))
    assert [each["authenticator_type"] for each in known] == ["recovery-code", "oob"]
    asked = challenge(cloud, token, challenge_type="oob")
    assert (asked["challenge_type"], asked.get("binding_method")) == ("oob", None)


def test_the_waiting_ends_after_ten_minutes() -> None:
    cloud = office()
    token = begin(cloud)
    cloud.now += WAIT_S
    assert error_of(authenticators(cloud, token)) == (401, "expired_token")
    assert challenge(cloud, token)["error"] == "expired_token"
    late = give(cloud, token, "otp", otp=str(cloud.cloud.codes(ANA)["otp"]))
    assert error_of(late) == (401, "expired_token")


def test_too_many_wrong_codes_block_the_account_also_for_a_new_sign_in() -> None:
    cloud = office()
    cloud.cloud.set_limits(LimitsPatch(wrong_codes=2))
    token = begin(cloud)
    for _try in range(2):
        assert error_of(give(cloud, token, "otp", otp="000000")) == (403, "invalid_grant")
    right = str(cloud.cloud.codes(ANA)["otp"])
    assert error_of(give(cloud, begin(cloud), "otp", otp=right)) == (429, "too_many_attempts")
    cloud.now += BLOCK_S
    later = str(cloud.cloud.codes(ANA)["otp"])
    assert give(cloud, begin(cloud), "otp", otp=later).status == 200


@pytest.mark.parametrize(("has", "asked"), [("otp", "oob"), ("oob", "otp")])
def test_a_kind_that_the_account_has_not_is_no_challenge(has: str, asked: str) -> None:
    cloud = office(has)
    answer = challenge(cloud, begin(cloud), challenge_type=asked)
    assert answer["error"] == "unsupported_challenge_type"


def test_an_account_disabled_meanwhile_is_blocked_and_a_code_must_be_there() -> None:
    cloud = office()
    token = begin(cloud)
    assert error_of(give(cloud, token, "otp")) == (400, "invalid_request")
    cloud.cloud.patch_account(ANA, AccountPatch(state="disabled"))
    assert error_of(give(cloud, token, "otp", otp="123456")) == (403, "unauthorized")


def test_a_session_from_before_the_second_factor_needs_the_person() -> None:
    cloud = DirectCloud()
    refresh = str(read(cloud.sign_in(ANA))["refresh_token"])
    cloud.cloud.patch_account(ANA, AccountPatch(second_factor="otp"))
    answer = cloud.refresh(refresh)
    assert error_of(answer) == (403, "mfa_required")
    assert read(answer)["mfa_token"]
    given = read(give(cloud, begin(cloud), "otp", otp=str(cloud.cloud.codes(ANA)["otp"])))
    assert cloud.refresh(given["refresh_token"]).status == 200
    cloud.cloud.patch_account(ANA, AccountPatch(second_factor=None))
    assert cloud.refresh(refresh).status == 200
