"""The control side over HTTP: each lever works, and nonsense is refused with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from onvio_agent.simulator.faults import KINDS
from support.sim import ANA, BRUNO, Simulator


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """One simulator for all tests of this file."""
    simulator = Simulator(tmp_path_factory.mktemp("control"))
    yield simulator
    simulator.stop()


def refusal(sim: Simulator, method: str, path: str, body: Any = None) -> tuple[int, str]:
    """Status and sentence of a refused control request."""
    with pytest.raises(httpx.HTTPStatusError) as caught:
        sim.control(method, path, body)
    return caught.value.response.status_code, caught.value.response.json()["error"]


def test_an_unknown_fault_kind_is_answered_with_the_list(running: Simulator) -> None:
    status, sentence = refusal(running, "POST", "faults", {"kind": "gremlin"})
    assert status == 400
    assert all(kind in sentence for kind in KINDS)


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "named"),
    [
        ("POST", "faults", {"kind": "reset", "target": "moon"}, 400, "target"),
        ("POST", "faults", {"kind": "reset", "often": 3}, 400, "often"),
        ("POST", "faults", {"kind": "reset", "times": 0}, 400, "times"),
        ("POST", "faults", [1], 400, "object"),
        ("PATCH", f"accounts/{ANA}", {"colour": "red"}, 400, "colour"),
        ("PATCH", f"accounts/{ANA}", {"role": "boss"}, 400, "role"),
        ("PATCH", f"accounts/{ANA}", {"email": "ana"}, 400, "email"),
        ("PATCH", "accounts/x@y.example", {"name": "X"}, 404, "account"),
        ("PATCH", f"accounts/{ANA}", {"email": BRUNO}, 409, "account"),
        ("POST", "accounts/x@y.example/revoke", None, 404, "account"),
        ("POST", f"accounts/{ANA}/revoke", {"only": "all"}, 400, "only"),
        ("POST", "clock", {"advance_s": -1}, 400, "advance_s"),
        ("POST", "clock", {}, 400, "advance_s"),
        ("POST", "limits", {"api_per_minute": 0}, 400, "api_per_minute"),
        ("POST", "rotation", {"leeway_s": -1}, 400, "leeway_s"),
        ("GET", "journal?since=x", None, 400, "since"),
        ("POST", "clock", "x" * 200_000, 413, "large"),
    ],
)
def test_nonsense_is_refused_with_a_reason(
    running: Simulator, method: str, path: str, body: Any, status: int, named: str
) -> None:
    refused, sentence = refusal(running, method, path, body)
    assert refused == status
    assert named in sentence


def test_a_route_that_does_not_exist_is_not_found(running: Simulator) -> None:
    assert refusal(running, "GET", "nothing")[0] == 404
    assert refusal(running, "GET", "clock")[0] == 405


def test_faults_are_listed_and_cleared(running: Simulator) -> None:
    running.fault("limited", target="auth", times=3, value=4.5)
    (fault,) = running.control("GET", "faults")
    expected = {"kind": "limited", "target": "auth", "times": 3, "value": 4.5, "path": None}
    assert fault == expected
    running.clear()
    assert running.control("GET", "faults") == []


def test_an_account_is_shown_after_a_change_without_its_password(running: Simulator) -> None:
    shown = running.control("PATCH", f"accounts/{ANA}", {"name": "Ana M."})
    assert shown["name"] == "Ana M."
    assert "password" not in shown


def test_every_lever_answers_with_what_is_in_force(running: Simulator) -> None:
    assert running.control("POST", "rotation", {"leeway_s": 3})["leeway_s"] == 3
    assert running.control("POST", "limits", {"wrong_passwords": 4})["wrong_passwords"] == 4
    assert running.control("POST", "clock", {"advance_s": 1})["now"].endswith("Z")
    assert running.control("POST", f"accounts/{BRUNO}/revoke") is None


def test_the_journal_is_read_in_parts(running: Simulator) -> None:
    running.sign_in(BRUNO)
    entries = running.journal()
    assert entries[-1]["path"] == "/oauth/token"
    assert entries[-1]["at"].endswith("Z")
    assert running.journal(since=entries[-1]["n"]) == []
