from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from onvio_agent.store.times import from_us, to_us

aware = st.datetimes(
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=-3)), timezone(timedelta(hours=14))])
)


@given(aware)
def test_a_time_comes_back_as_the_same_instant_in_utc(at: datetime) -> None:
    back = from_us(to_us(at))
    assert back == at
    assert back.tzinfo is UTC


@given(aware, aware)
def test_numbers_are_ordered_as_the_times_are(one: datetime, other: datetime) -> None:
    assert (to_us(one) < to_us(other)) == (one < other)


def test_no_time_stays_no_time() -> None:
    assert to_us(None) is None
    assert from_us(None) is None
