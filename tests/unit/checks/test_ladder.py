"""The order of the rungs, and what a broken one means for the others."""

from __future__ import annotations

import asyncio

import pytest

from onvio_agent.checks.explain import Cause
from onvio_agent.checks.finding import Broken, Untried
from onvio_agent.checks.ladder import BESIDE, ORDER, WAY, Check, Climb, climb
from onvio_agent.contract.diagnosis import Diagnosis, Rung
from support.instants import HandClock


def climbed(
    broken: dict[str, Exception | None], cause: Cause | None = None, deadline_s: float = 5.0
) -> Diagnosis:
    """`broken`: what these rungs raise; None: they never answer."""

    async def explain(_reason: str) -> Cause | None:
        return cause

    def check(name: str) -> Check:
        async def run() -> str:
            if name in broken:
                error = broken[name]
                if error is None:
                    await asyncio.sleep(3600)
                else:
                    raise error
            return f"{name} is well"

        return run

    how = Climb(HandClock(), deadline_s, explain)
    return asyncio.run(climb({name: check(name) for name in ORDER}, how))


def rung(diagnosis: Diagnosis, name: str) -> Rung:
    return next(each for each in diagnosis.rungs if each.name == name)


def test_where_all_is_well_every_rung_says_so() -> None:
    diagnosis = climbed({})
    assert (diagnosis.ok, diagnosis.broken) == (True, None)
    assert [each.name for each in diagnosis.rungs] == list(ORDER)
    assert all(each.ok and each.took_ms is not None for each in diagnosis.rungs)


@pytest.mark.parametrize("name", [name for name in WAY if name != "clock"])
def test_the_first_that_breaks_names_the_reason_and_those_above_it_are_not_tried(name: str) -> None:
    diagnosis = climbed({name: Broken("tls.failed", "seen")})
    assert (diagnosis.ok, diagnosis.broken) == (False, "tls.failed")
    at = ORDER.index(name)
    assert [each.ok for each in diagnosis.rungs[:at]] == [True] * at
    above = [each for each in diagnosis.rungs[at + 1 :] if each.name in WAY]
    assert all(each.ok is None and each.took_ms is None for each in above)
    assert all(rung(diagnosis, each).ok for each in BESIDE)


def test_a_wrong_date_alone_is_told_and_stops_nothing() -> None:
    diagnosis = climbed({"clock": Broken("clock.skewed")})
    assert diagnosis.broken == "clock.skewed"
    assert rung(diagnosis, "token").ok


def test_what_cannot_be_learnt_is_no_fault() -> None:
    diagnosis = climbed({"link": Untried("the agent is not running")})
    assert diagnosis.ok
    assert rung(diagnosis, "link").ok is None


def test_the_cause_is_named_by_the_broken_rung_and_by_the_one_that_knows_it() -> None:
    cause = Cause("clock", "clock.skewed", "two days")
    diagnosis = climbed({"tls": Broken("tls.expired", "code 9")}, cause)
    assert diagnosis.broken == "clock.skewed"
    broken = {each.name: (each.reason, each.detail) for each in diagnosis.rungs if not each.ok}
    assert broken["tls"] == ("clock.skewed", "code 9")
    assert broken["clock"] == ("clock.skewed", "two days")


@pytest.mark.parametrize(("name", "reason"), [("dns", "network.dns"), ("tcp", "network.timeout")])
def test_a_rung_that_is_silent_is_broken(name: str, reason: str) -> None:
    assert climbed({name: None}, deadline_s=0.01).broken == reason
