"""Codes decide what a document is; nothing is given up, and nothing is taken for stored that is not."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onvio_agent.onvio.integration_api import Batch, Status
from onvio_agent.sync.outcome import outcome_of, poll_wait_s, resend_wait_s


def batch(status: str, *files: str) -> Batch:
    return Batch("b", Status(status, "text"), tuple(Status(code, "texto") for code in files))


@pytest.mark.parametrize(
    ("told", "state", "reason"),
    [
        (batch("S1"), "accepted", None),
        (batch("S2"), "accepted", None),
        (batch("S2", "SA1"), "accepted", None),
        (batch("S2", "SA2"), "stored", None),
        (batch("S1", "SA2"), "stored", None),
        (batch("S2", "EA10"), "duplicate", "sync.already_there"),
        (batch("S2", "EA13"), "refused", "sync.company_unknown"),
        (batch("S2", "EA0"), "refused", "sync.rejected"),
        (batch("S2", "EX99"), "refused", "sync.rejected"),
        (batch("S2", "SA9"), "accepted", "sync.pending"),
        (batch("S2", "?"), "accepted", "sync.pending"),
        (batch("E2"), "refused", "sync.rejected"),
    ],
)
def test_each_code_has_its_meaning(told: Batch, state: str, reason: str | None) -> None:
    outcome = outcome_of(told)
    assert (outcome.state, outcome.reason) == (state, reason)


def test_code_and_text_of_an_end_are_kept() -> None:
    assert outcome_of(batch("S2", "EA3")).fields == {"code": "EA3", "text": "texto"}
    assert outcome_of(batch("E2")).fields == {"code": "E2", "text": "text"}


@given(st.text(max_size=20), st.lists(st.text(max_size=20), max_size=3))
def test_only_one_code_means_stored(status: str, files: list[str]) -> None:
    if outcome_of(batch(status, *files)).state == "stored":
        assert files[0] == "SA2"


def test_questions_grow_rarer_up_to_once_an_hour() -> None:
    waits = [poll_wait_s(polls, 4.0) for polls in range(200)]
    assert waits[:5] == [4.0, 8.0, 16.0, 32.0, 60.0]
    assert waits[-1] == 3600.0
    assert all(one <= other for one, other in pairwise(waits))
    assert sum(waits[: waits.index(3600.0)]) >= 3600.0


def test_what_was_lost_goes_again_ever_later_and_within_the_hour() -> None:
    waits = [resend_wait_s(attempts, 60.0) for attempts in range(1, 40)]
    assert (waits[0], waits[1], waits[-1]) == (60.0, 120.0, 3600.0)
