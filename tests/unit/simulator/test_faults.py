"""Which fault strikes, how often, and what the model answers then."""

from __future__ import annotations

from typing import Any

import pytest

from onvio_agent.simulator.faults import Fault, FaultError
from support.cloud import DirectCloud, read
from support.sim import ANA


def health(cloud: DirectCloud, target: Any = "api") -> int:
    return cloud.ask(target, "GET", "/health").status


def test_a_fault_strikes_as_often_as_it_says() -> None:
    cloud = DirectCloud()
    cloud.cloud.set_fault(Fault("http_500", times=2))
    assert [health(cloud) for _ in range(3)] == [500, 500, 200]
    assert cloud.cloud.faults.active() == []


def test_a_fault_without_times_strikes_until_it_is_cleared() -> None:
    cloud = DirectCloud()
    cloud.cloud.set_fault(Fault("http_500"))
    assert [health(cloud) for _ in range(3)] == [500, 500, 500]
    cloud.cloud.clear_faults()
    assert health(cloud) == 200


def test_a_fault_strikes_only_its_target_and_path() -> None:
    cloud = DirectCloud()
    cloud.cloud.set_fault(Fault("http_503", target="auth", path="/oauth/"))
    assert (health(cloud, "api"), health(cloud, "auth")) == (200, 200)
    assert cloud.sign_in(ANA).status == 503


def test_setting_a_fault_again_replaces_it() -> None:
    cloud = DirectCloud()
    cloud.cloud.set_fault(Fault("limited", times=5, value=1))
    cloud.cloud.set_fault(Fault("limited", times=1, value=9))
    assert cloud.ask("api", "GET", "/health").headers["retry-after"] == "9"
    assert health(cloud) == 200


@pytest.mark.parametrize("target", ["auth", "api"])
def test_limited_carries_its_headers(target: Any) -> None:
    cloud = DirectCloud()
    cloud.cloud.set_fault(Fault("limited", value=7))
    answer = cloud.ask(target, "GET", "/health")
    assert answer.status == 429
    assert answer.headers["retry-after"] == "7"
    assert answer.headers["x-ratelimit-remaining"] == "0"
    assert float(answer.headers["x-ratelimit-reset"]) == cloud.now + 7


def test_http_503_says_when_to_come_back_only_if_told() -> None:
    cloud = DirectCloud()
    cloud.cloud.set_fault(Fault("http_503"))
    assert "retry-after" not in cloud.ask("api", "GET", "/health").headers
    cloud.cloud.set_fault(Fault("http_503", value=12))
    assert cloud.ask("api", "GET", "/health").headers["retry-after"] == "12"


@pytest.mark.parametrize(("value", "status"), [(None, 200), (503, 503)])
def test_html_answers_a_page_with_the_wanted_status(value: Any, status: int) -> None:
    cloud = DirectCloud()
    cloud.cloud.set_fault(Fault("html", value=value))
    answer = cloud.ask("api", "GET", "/health")
    assert answer.status == status
    assert answer.headers["content-type"].startswith("text/html")


def test_content_type_keeps_the_right_body_and_the_effect() -> None:
    cloud = DirectCloud()
    cloud.cloud.set_fault(Fault("content_type"))
    answer = cloud.sign_in(ANA)
    assert (answer.status, answer.headers["content-type"]) == (200, "text/plain")
    cloud.cloud.clear_faults()
    assert cloud.userinfo(read(answer)["access_token"]).status == 200


def test_an_answer_fault_keeps_the_model_from_acting() -> None:
    cloud = DirectCloud()
    token = read(cloud.sign_in(ANA))["refresh_token"]
    cloud.cloud.set_fault(Fault("http_500", times=1))
    assert cloud.refresh(token).status == 500
    assert cloud.refresh(token).status == 200


def test_wire_faults_are_named_for_the_door_and_counted() -> None:
    cloud = DirectCloud().cloud
    cloud.set_fault(Fault("refuse", target="api", times=1))
    cloud.set_fault(Fault("reset", value="after", times=1))
    cloud.set_fault(Fault("latency", value=2.5, times=1))
    assert cloud.wire_fault("auth", stage="connect") is None
    struck = cloud.wire_fault("api", stage="connect")
    assert struck is not None
    assert struck.kind == "refuse"
    assert cloud.wire_fault("api", stage="connect") is None
    struck = cloud.wire_fault("auth", "/oauth/token")
    assert struck is not None
    assert struck.value == "after"
    assert [cloud.latency_s("api"), cloud.latency_s("api")] == [2.5, 0.0]


@pytest.mark.parametrize(
    "fault",
    [
        Fault("latency", value="slow"),
        Fault("latency", value=-1),
        Fault("reset", value="during"),
        Fault("html", value=20),
        Fault("content_type", value=3),
        Fault("truncated", value=3),
        Fault("refuse", path="/x"),
        Fault("http_500", times=0),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(fault: Fault) -> None:
    with pytest.raises(FaultError):
        DirectCloud().cloud.set_fault(fault)
