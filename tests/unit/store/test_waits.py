"""What is left of a kept wait after a restart, whatever became of the clocks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from onvio_agent.clock import Now
from onvio_agent.store.base import Retry
from onvio_agent.store.waits import left_s
from support.instants import EPOCH


def retry(wait_s: float, set_mono: float | None = None) -> Retry:
    until = EPOCH + timedelta(seconds=wait_s)
    return Retry(
        key="api", failures=1, reason=None, not_before=until, set_at=EPOCH, set_mono=set_mono
    )


@pytest.mark.parametrize(
    ("wait_s", "now_s", "left"),
    [
        (600, 100, 500.0),
        (600, 600, 0.0),
        (600, 10_000, 0.0),
        (600, -172_800, 600.0),  # the clock was set back two days
        (10_000, 0, 3600.0),
        (-5, -100, 0.0),
    ],
)
def test_what_is_left_is_never_more_than_was_asked_for(
    wait_s: float, now_s: float, left: float
) -> None:
    assert left_s(retry(wait_s), Now(5.0, EPOCH + timedelta(seconds=now_s))) == left


@pytest.mark.parametrize("wall_s", [-172_800.0, 100.0, 172_800.0])
def test_what_is_left_does_not_depend_on_a_clock_that_was_set(wall_s: float) -> None:
    now = Now(5100.0, EPOCH + timedelta(seconds=wall_s))
    assert left_s(retry(600, set_mono=5000.0), now) == 500.0


def test_after_the_machine_has_started_anew_the_wall_clock_is_asked() -> None:
    now = Now(20.0, EPOCH + timedelta(seconds=450))
    assert left_s(retry(600, set_mono=5000.0), now) == 150.0
