"""When the icon speaks up: once per outage and reason, late enough, never in a pause or asleep."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onvio_agent.contract.reason import Kind, Severity
from onvio_agent.contract.reasons import CATALOGUE
from onvio_tray.notices import (
    SAME_REASON_S,
    Memory,
    Notice,
    Rules,
    Say,
    Situation,
    Withdraw,
    next_notice,
)
from support.snapshots import NOW

ALWAYS = Rules(enabled=True, end_of_day=time(17, 30))
STATES = [code for code, entry in CATALOGUE.items() if entry.kind is Kind.STATE]
TOLD = [code for code in STATES if CATALOGUE[code].severity is not Severity.INFO]


class Day:
    """A day that is lived step by step; `said` holds every notice with its second."""

    def __init__(self, rules: Rules = ALWAYS, start: datetime = NOW) -> None:
        self.rules, self.start = rules, start
        self.memory = Memory()
        self.said: list[tuple[float, Notice]] = []
        self.again_s: float | None = None

    def at(
        self,
        seconds: float,
        reason: str | None,
        pending: int | None = None,
        *,
        slept: bool = False,
        asleep_s: float = 0.0,
        warning: tuple[str, str] | None = None,
    ) -> None:
        """The icon shows this. `asleep_s`: how much of the day so far nobody was there."""
        seen = Situation(
            at_s=seconds,
            local=self.start + timedelta(seconds=seconds + asleep_s),
            reason=reason,
            title=f"{reason}!",
            next_step="Do it.",
            pending=pending,
            slept=slept,
            warning=warning,
        )
        self.memory, notice, self.again_s = next_notice(self.memory, seen, self.rules)
        if notice is not None:
            self.said.append((seconds, notice))

    @property
    def titles(self) -> list[str]:
        return [each.title if isinstance(each, Say) else "-" for _at, each in self.said]


def test_a_blip_is_not_told() -> None:
    day = Day()
    day.at(0, None)
    day.at(10, "network.none")
    assert day.again_s == 70
    day.at(69, "network.none")
    day.at(69.5, None)
    assert day.said == []


def test_an_outage_is_told_once_and_its_end_too() -> None:
    day = Day()
    day.at(0, "network.none")
    for second in (60, 61, 500, 4000):
        day.at(second, "network.none")
    day.at(4001, None)
    day.at(4002, None)
    assert day.titles == ["network.none!", "Reconectado"]
    assert day.said[0] == (60, Say("network.none!", "Do it."))


def test_an_outage_that_changes_its_reason_is_told_once() -> None:
    day = Day()
    for second in range(0, 600, 20):
        day.at(second, "network.none" if second % 40 else "network.dns")
    assert len(day.said) == 1


def test_a_stopped_agent_is_told_soon_but_a_restart_is_not() -> None:
    day = Day()
    day.at(0, "agent.stopped")
    day.at(9, None)
    assert day.said == []
    day.at(10, "agent.stopped")
    day.at(20, "agent.stopped")
    assert day.titles == ["agent.stopped!"]


def test_the_same_reason_is_told_once_an_hour() -> None:
    day = Day()
    for start in (0, 600, 1200, SAME_REASON_S + 60):
        day.at(start, "network.none")
        day.at(start + 60, "network.none")
        day.at(start + 61, None)
    assert day.titles == ["network.none!", "Reconectado", "network.none!", "Reconectado"]


def test_in_a_pause_nothing_is_told_and_what_was_told_is_withdrawn() -> None:
    day = Day()
    day.at(0, "paused")
    day.at(900, "paused")
    day.at(1000, "network.none")
    day.at(1060, "network.none")
    day.at(1100, "paused")
    day.at(1101, None)
    assert day.said[1] == (1100, Withdraw())
    assert len(day.said) == 2


def test_time_asleep_does_not_count() -> None:
    day = Day()
    day.at(0, None)
    day.at(5, "network.none")
    day.at(64, "network.none", slept=True)
    day.at(66, "network.none")
    assert day.said == []
    day.at(124, "network.none")
    assert day.titles == ["network.none!"]


@pytest.mark.parametrize("code", [code for code in STATES if code not in TOLD])
def test_what_is_no_trouble_is_never_told(code: str) -> None:
    day = Day()
    day.at(0, code)
    day.at(9000, code)
    assert day.said == []


def test_notifications_can_be_turned_off() -> None:
    day = Day(Rules(enabled=False, end_of_day=time(17, 30)))
    day.at(0, "network.none", 3)
    day.at(9000, "network.none", 3)
    day.at(30_000, None, 3)
    assert day.said == []


@given(
    st.lists(
        st.tuples(st.integers(1, 400), st.sampled_from([None, "paused", *STATES])), max_size=60
    )
)
def test_in_any_day_no_reason_is_told_twice_an_hour(steps: list[tuple[int, str | None]]) -> None:
    day, second = Day(Rules()), 0
    for wait_s, reason in steps:
        second += wait_s
        day.at(second, reason)
        assert day.again_s is None or day.again_s > second
        if reason == "paused":
            assert not any(isinstance(each, Say) and at == second for at, each in day.said)
    for code in TOLD:
        times = [at for at, said in day.said if isinstance(said, Say) and said.title == f"{code}!"]
        assert all(late - soon >= SAME_REASON_S for soon, late in pairwise(times))


@given(st.lists(st.tuples(st.integers(1, 400), st.sampled_from([None, *TOLD])), max_size=60))
def test_an_end_is_told_exactly_where_the_outage_was(
    steps: list[tuple[int, str | None]],
) -> None:
    day, second = Day(Rules()), 0
    for wait_s, reason in steps:
        second += wait_s
        day.at(second, reason)
    ends = [title == "Reconectado" for title in day.titles]
    assert ends == [bool(n % 2) for n in range(len(ends))], "outage, end, outage, end"


# -- the end of the day; NOW is at 12:00, so 17:30 is at 19,800 s

END_S = 5.5 * 3600


def test_documents_that_wait_are_told_at_the_end_of_the_day() -> None:
    day = Day()
    day.at(0, None, 3)
    assert day.again_s == END_S
    day.at(END_S, None, 3)
    day.at(END_S + 1, None, 3)
    assert day.titles == ["3 documentos aguardam envio."]
    day.at(END_S + 86_400, None, 1)
    assert day.titles[1:] == ["1 documento aguarda envio."]


@pytest.mark.parametrize("pending", [None, 0])
def test_without_documents_nothing_is_told(pending: int | None) -> None:
    day = Day()
    day.at(0, None, pending)
    day.at(END_S, None, pending)
    assert day.said == []


def test_a_tray_that_starts_in_the_evening_does_not_tell_of_the_day() -> None:
    day = Day()
    day.at(END_S + 60, None, 3)
    day.at(END_S + 120, None, 3)
    assert day.said == []


def test_a_machine_that_wakes_after_the_end_of_the_day_tells_of_it() -> None:
    day = Day()
    day.at(0, None, 3)
    day.at(10, None, 3, slept=True, asleep_s=END_S)
    assert day.titles == ["3 documentos aguardam envio."]


def test_in_an_outage_documents_are_told_of_and_the_outage_too() -> None:
    day = Day()
    day.at(END_S - 60, "network.none", 3)
    day.at(END_S, "network.none", 3)
    day.at(END_S, "network.none", 3)
    assert day.titles == ["3 documentos aguardam envio.", "network.none!"]


def test_in_a_pause_documents_are_not_told_of() -> None:
    day = Day()
    day.at(0, "paused", 3)
    day.at(END_S, "paused", 3)
    assert day.said == []


ENDS = ("The session ends at 15:30.", "Sign in again.")


def test_a_warning_beside_green_is_told_once_while_it_stands() -> None:
    day = Day()
    day.at(0, None)
    for second in (10, 20, 3000):
        day.at(second, None, warning=ENDS)
    day.at(3010, "network.none")  # an outage between does not make it news
    day.at(3020, None, warning=ENDS)
    assert day.said == [(10, Say(*ENDS))]
    day.at(3030, None)
    day.at(3040, None, warning=ENDS)
    assert day.titles == [ENDS[0], ENDS[0]]


def test_a_warning_waits_for_the_end_of_an_outage() -> None:
    day = Day()
    day.at(0, "network.none")
    day.at(100, "network.none")
    day.at(200, None, warning=ENDS)
    assert day.again_s == 200
    day.at(200, None, warning=ENDS)
    assert day.titles == ["network.none!", "Reconectado", ENDS[0]]


def test_who_wants_no_notices_is_warned_by_none() -> None:
    day = Day(Rules(enabled=False))
    day.at(0, None, warning=ENDS)
    assert day.said == []
