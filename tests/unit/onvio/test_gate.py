"""The gate: silence for as long as ONVIO asked for it, and no longer."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from onvio_agent.onvio.errors import Busy, Target
from onvio_agent.onvio.gate import Gate
from onvio_agent.onvio.transport import Request, Response
from support.scripted import START, HandClock, ScriptedTransport, json_response

AUTH = Request(target="auth", method="GET", path="/userinfo")
API = Request(target="api", method="GET", path="/health")
OK = json_response(200, {})
LIMITED = json_response(429, {"error": "too_many_requests"}, retry_after="20")


class Bench:
    """A gate with everything around it."""

    def __init__(self, *answers: Response) -> None:
        self.clock = HandClock()
        self.transport = ScriptedTransport(*answers)
        self.told: list[tuple[Target, datetime]] = []
        self.gate = Gate(
            self.transport, clock=self.clock, on_hold=lambda *hold: self.told.append(hold)
        )

    def send(self, request: Request) -> Response:
        return asyncio.run(self.gate.send(request, deadline_s=4))


def test_nothing_is_sent_to_a_server_before_the_time_that_it_named() -> None:
    bench = Bench(LIMITED, OK)
    assert bench.send(AUTH).status == 429
    bench.clock.advance(5)
    with pytest.raises(Busy) as held:
        bench.send(AUTH)
    assert held.value.retry_after_s == pytest.approx(15)
    assert held.value.reason == "onvio.limited"
    assert len(bench.transport.sent) == 1
    bench.clock.advance(15)
    assert bench.send(AUTH).status == 200


def test_the_other_server_is_not_held() -> None:
    bench = Bench(LIMITED, OK)
    bench.send(AUTH)
    assert bench.send(API).status == 200


def test_a_503_holds_only_where_it_names_a_time() -> None:
    bench = Bench(json_response(503, {}), json_response(503, {}, retry_after="8"))
    bench.send(API)
    bench.send(API)
    with pytest.raises(Busy):
        bench.send(API)


def test_a_block_of_one_account_does_not_silence_the_others() -> None:
    bench = Bench(json_response(429, {"error": "too_many_attempts"}, retry_after="600"), OK)
    bench.send(AUTH)
    assert bench.send(AUTH).status == 200
    assert bench.told == []


def test_a_hold_is_told_with_its_wall_time_and_never_shortened() -> None:
    bench = Bench(LIMITED)
    bench.send(AUTH)
    bench.gate.observe("auth", json_response(429, {}, retry_after="3"))
    assert bench.told == [("auth", START + timedelta(seconds=20))]
    assert bench.gate.holds() == {"auth": bench.clock.mono() + 20}


def test_a_hold_that_is_over_is_no_longer_listed() -> None:
    bench = Bench(LIMITED)
    bench.send(AUTH)
    bench.clock.advance(21)
    assert bench.gate.holds() == {}


def test_a_hold_outlives_a_restart() -> None:
    bench = Bench(OK)
    bench.gate.restore({"api": START + timedelta(seconds=40)})
    with pytest.raises(Busy) as held:
        bench.send(API)
    assert held.value.retry_after_s == pytest.approx(40)
    bench.clock.advance(40)
    assert bench.send(API).status == 200


def test_a_wall_clock_set_back_two_days_cannot_hold_for_more_than_an_hour() -> None:
    bench = Bench(OK)
    bench.clock.step(-2 * 86_400)
    bench.gate.restore({"api": START + timedelta(seconds=40)})
    bench.clock.advance(3600)
    assert bench.send(API).status == 200


def test_a_hold_of_the_past_is_forgotten() -> None:
    bench = Bench(OK)
    bench.gate.restore({"api": START - timedelta(seconds=1)})
    assert bench.send(API).status == 200


def test_setting_the_wall_clock_does_not_open_the_gate() -> None:
    bench = Bench(LIMITED)
    bench.send(AUTH)
    bench.clock.step(86_400)
    with pytest.raises(Busy):
        bench.send(AUTH)
