"""Rate limits: off until set, then counted by the minute and told in headers."""

from __future__ import annotations

import pytest

from onvio_agent.simulator.limits import LimitsPatch
from support.cloud import DirectCloud


def test_there_is_no_limit_until_one_is_set() -> None:
    cloud = DirectCloud()
    answers = [cloud.ask("api", "GET", "/health") for _ in range(500)]
    assert {answer.status for answer in answers} == {200}
    assert "x-ratelimit-limit" not in answers[-1].headers


def test_a_limit_counts_down_refuses_and_opens_again_after_its_minute() -> None:
    cloud = DirectCloud()
    cloud.cloud.set_limits(LimitsPatch(api_per_minute=2))
    answers = [cloud.ask("api", "GET", "/health") for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert [a.headers["x-ratelimit-remaining"] for a in answers] == ["1", "0", "0"]
    assert answers[2].headers["retry-after"] == "60"
    cloud.now += 59.5
    refused = cloud.ask("api", "GET", "/health")
    assert (refused.status, refused.headers["retry-after"]) == (429, "1")
    cloud.now += 0.5
    assert cloud.ask("api", "GET", "/health").status == 200


def test_a_limit_of_one_target_leaves_the_other_alone_and_can_be_lifted() -> None:
    cloud = DirectCloud()
    cloud.cloud.set_limits(LimitsPatch(auth_per_minute=1))
    for _time in range(3):
        assert cloud.ask("api", "GET", "/health").status == 200
    cloud.ask("auth", "GET", "/health")
    assert cloud.ask("auth", "GET", "/health").status == 429
    cloud.cloud.set_limits(LimitsPatch(auth_per_minute=None))
    assert cloud.ask("auth", "GET", "/health").status == 200


def test_limits_that_are_left_out_stay_and_wrong_ones_change_nothing() -> None:
    cloud = DirectCloud()
    cloud.cloud.set_limits(LimitsPatch(auth_per_minute=5))
    cloud.cloud.set_limits(LimitsPatch(api_per_minute=6))
    with pytest.raises(ValueError, match="expires_in_s"):
        cloud.cloud.set_limits(LimitsPatch(auth_per_minute=9, expires_in_s=0))
    limits = cloud.cloud.world.limits
    assert (limits.auth_per_minute, limits.api_per_minute) == (5, 6)
