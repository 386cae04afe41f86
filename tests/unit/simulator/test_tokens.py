"""Refresh tokens: rotation, leeway, reuse, revocation; access tokens: life and death."""

from __future__ import annotations

from typing import Any

import pytest

from onvio_agent.simulator.accounts import AccountPatch
from onvio_agent.simulator.limits import LimitsPatch
from onvio_agent.simulator.tokens import REMEMBERED, Rotation
from support.cloud import DirectCloud, error_of, read
from support.sim import ANA, BRUNO, password_of


def signed_in(cloud: DirectCloud, email: str = ANA) -> dict[str, Any]:
    tokens: dict[str, Any] = read(cloud.sign_in(email, password_of(email)))
    return tokens


def test_an_exchange_gives_a_new_refresh_token_and_keeps_old_access_tokens() -> None:
    cloud = DirectCloud()
    first = signed_in(cloud)
    second = read(cloud.refresh(first["refresh_token"]))
    assert second["refresh_token"] != first["refresh_token"]
    assert cloud.userinfo(first["access_token"]).status == 200
    assert cloud.userinfo(second["access_token"]).status == 200


def test_reuse_ends_the_whole_family_with_its_access_tokens() -> None:
    cloud = DirectCloud()
    first = signed_in(cloud)
    second = read(cloud.refresh(first["refresh_token"]))
    assert error_of(cloud.refresh(first["refresh_token"])) == (403, "invalid_grant")
    assert error_of(cloud.refresh(second["refresh_token"])) == (403, "invalid_grant")
    assert cloud.userinfo(second["access_token"]).status == 401


def test_reuse_leaves_other_sign_ins_of_the_account_alone() -> None:
    cloud = DirectCloud()
    first, other = signed_in(cloud), signed_in(cloud)
    cloud.refresh(first["refresh_token"])
    cloud.refresh(first["refresh_token"])
    assert cloud.refresh(other["refresh_token"]).status == 200


def test_within_the_leeway_a_retired_token_gets_a_fresh_successor() -> None:
    cloud = DirectCloud()
    cloud.cloud.set_rotation(Rotation(leeway_s=60))
    first = signed_in(cloud)["refresh_token"]
    lost = read(cloud.refresh(first))["refresh_token"]
    cloud.now += 59
    again = read(cloud.refresh(first))["refresh_token"]
    assert again not in (first, lost)
    assert cloud.refresh(again).status == 200


def test_beyond_the_leeway_it_is_reuse() -> None:
    cloud = DirectCloud()
    cloud.cloud.set_rotation(Rotation(leeway_s=60))
    first = signed_in(cloud)["refresh_token"]
    second = read(cloud.refresh(first))["refresh_token"]
    cloud.now += 60
    assert error_of(cloud.refresh(first)) == (403, "invalid_grant")
    assert error_of(cloud.refresh(second)) == (403, "invalid_grant")


def test_a_session_that_has_an_end_says_so_and_ends_however_often_it_is_renewed() -> None:
    cloud = DirectCloud()
    cloud.cloud.set_rotation(Rotation(session_s=100))
    first = signed_in(cloud)
    assert first["refresh_expires_in"] == 100
    cloud.now += 60
    second = read(cloud.refresh(first["refresh_token"]))
    assert second["refresh_expires_in"] == 40
    cloud.now += 40
    assert error_of(cloud.refresh(second["refresh_token"])) == (403, "invalid_grant")
    cloud.cloud.set_rotation(Rotation())
    assert "refresh_expires_in" not in signed_in(cloud)


def test_without_rotation_the_same_refresh_token_goes_on() -> None:
    cloud = DirectCloud()
    cloud.cloud.set_rotation(Rotation(enabled=False))
    token = signed_in(cloud)["refresh_token"]
    assert "refresh_token" not in read(cloud.refresh(token))
    assert cloud.refresh(token).status == 200


def test_a_family_remembers_a_bounded_number_of_retired_tokens() -> None:
    cloud = DirectCloud()
    token = signed_in(cloud)["refresh_token"]
    for _round in range(REMEMBERED + 50):
        token = read(cloud.refresh(token))["refresh_token"]
    (family,) = cloud.cloud.world.tokens.state.families.values()
    assert len(family.retired) == REMEMBERED
    assert cloud.refresh(token).status == 200


def test_expired_access_tokens_are_forgotten() -> None:
    cloud = DirectCloud()
    token = signed_in(cloud)["refresh_token"]
    for _round in range(100):
        cloud.now += 3600
        token = read(cloud.refresh(token))["refresh_token"]
    assert len(cloud.cloud.world.tokens.state.access) <= 26


def test_an_access_token_lives_as_long_as_it_says() -> None:
    cloud = DirectCloud()
    cloud.cloud.set_limits(LimitsPatch(expires_in_s=60))
    tokens = signed_in(cloud)
    assert tokens["expires_in"] == 60
    cloud.cloud.advance(59)
    assert cloud.userinfo(tokens["access_token"]).status == 200
    cloud.cloud.advance(1)
    answer = cloud.userinfo(tokens["access_token"])
    assert error_of(answer) == (401, "invalid_token")
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert read(cloud.client_info(tokens["access_token"]))["detail"] == "Token has expired"


def test_revoking_a_refresh_token_ends_its_family_and_twice_is_fine() -> None:
    cloud = DirectCloud()
    tokens = signed_in(cloud)
    for _time in range(2):
        assert cloud.post("/oauth/revoke", token=tokens["refresh_token"]).status == 200
    assert error_of(cloud.refresh(tokens["refresh_token"])) == (403, "invalid_grant")
    assert cloud.userinfo(tokens["access_token"]).status == 401


def test_revoking_an_access_token_ends_only_that() -> None:
    cloud = DirectCloud()
    tokens = signed_in(cloud)
    assert cloud.post("/oauth/revoke", token=tokens["access_token"]).status == 200
    assert cloud.userinfo(tokens["access_token"]).status == 401
    assert cloud.refresh(tokens["refresh_token"]).status == 200


def test_revoking_nothing_is_malformed_and_a_stranger_client_is_refused() -> None:
    cloud = DirectCloud()
    assert error_of(cloud.post("/oauth/revoke")) == (400, "invalid_request")
    refused = cloud.post("/oauth/revoke", client_id="x", token="v1.x")
    assert error_of(refused) == (401, "invalid_client")


@pytest.mark.parametrize(
    ("only", "userinfo_status", "refresh_status"),
    [(None, 401, 403), ("refresh", 200, 403), ("access", 401, 200)],
)
def test_the_control_side_revokes_all_or_one_kind(
    only: Any, userinfo_status: int, refresh_status: int
) -> None:
    cloud = DirectCloud()
    tokens, others = signed_in(cloud), signed_in(cloud, BRUNO)
    cloud.cloud.revoke(ANA, only)
    assert cloud.userinfo(tokens["access_token"]).status == userinfo_status
    assert cloud.refresh(tokens["refresh_token"]).status == refresh_status
    assert cloud.userinfo(others["access_token"]).status == 200


def test_a_disabled_account_loses_its_tokens_only_while_it_is_disabled() -> None:
    cloud = DirectCloud()
    tokens = signed_in(cloud)
    cloud.cloud.patch_account(ANA, AccountPatch(state="disabled"))
    assert error_of(cloud.refresh(tokens["refresh_token"])) == (403, "unauthorized")
    assert cloud.userinfo(tokens["access_token"]).status == 401
    assert cloud.client_info(tokens["access_token"]).status == 401
    cloud.cloud.patch_account(ANA, AccountPatch(state="active"))
    assert cloud.refresh(tokens["refresh_token"]).status == 200


def test_a_changed_password_keeps_the_tokens_and_a_reset_ends_them() -> None:
    cloud = DirectCloud()
    tokens = signed_in(cloud)
    cloud.cloud.patch_account(ANA, AccountPatch(password="nova"))
    assert cloud.userinfo(tokens["access_token"]).status == 200
    cloud.cloud.patch_account(ANA, AccountPatch(state="reset"))
    assert cloud.userinfo(tokens["access_token"]).status == 401
    assert error_of(cloud.refresh(tokens["refresh_token"])) == (403, "invalid_grant")


def test_the_same_randomness_gives_the_same_tokens() -> None:
    assert signed_in(DirectCloud()) == signed_in(DirectCloud())
