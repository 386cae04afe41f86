"""How long an answer asks us to wait."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onvio_agent.onvio.pauses import DEFAULT_S, MAX_S, pause_s

DATE = "Mon, 02 Mar 2026 09:00:00 GMT"
EPOCH = 1_772_442_000  # the same instant


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "17"}, 17),
        ({"retry-after": " 17 "}, 17),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "Mon, 02 Mar 2026 09:02:00 GMT", "date": DATE}, 120),
        ({"retry-after": "Mon, 02 Mar 2026 08:00:00 GMT", "date": DATE}, 1),
        ({"retry-after": "0"}, 1),
        ({"retry-after": "999999"}, MAX_S),
        ({"x-ratelimit-reset": str(EPOCH + 45), "date": DATE}, 45),
        ({"x-ratelimit-reset": "45"}, 45),
        ({"retry-after": "3", "x-ratelimit-reset": str(EPOCH + 45), "date": DATE}, 3),
    ],
)
def test_a_429_is_obeyed_in_every_form(headers: dict[str, str], seconds: float) -> None:
    assert pause_s(429, headers) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"retry-after": "soon"},
        {"retry-after": "-5"},
        {"retry-after": "٣"},
        {"retry-after": "Mon, 02 Mar 2026 09:02:00 GMT"},
        {"x-ratelimit-reset": str(EPOCH)},
        {"x-ratelimit-reset": "NaN", "date": DATE},
    ],
)
def test_a_429_that_names_no_usable_time_means_half_a_minute(headers: dict[str, str]) -> None:
    assert pause_s(429, headers) == DEFAULT_S


def test_a_503_asks_for_a_pause_only_with_retry_after() -> None:
    assert pause_s(503, {}) is None
    assert pause_s(503, {"x-ratelimit-reset": "45"}) is None
    assert pause_s(503, {"retry-after": "20"}) == 20


@pytest.mark.parametrize("status", [200, 401, 403, 500, 502])
def test_no_other_status_asks_for_a_pause(status: int) -> None:
    assert pause_s(status, {"retry-after": "20"}) is None


@given(
    st.sampled_from([429, 503]),
    st.dictionaries(st.sampled_from(["retry-after", "x-ratelimit-reset", "date"]), st.text()),
)
def test_no_header_can_silence_the_agent_for_more_than_an_hour(
    status: int, headers: dict[str, str]
) -> None:
    seconds = pause_s(status, headers)
    assert seconds is None or 1 <= seconds <= MAX_S
