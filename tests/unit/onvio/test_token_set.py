from __future__ import annotations

from datetime import timedelta

import pytest

from onvio_agent.onvio.token_set import TokenSet, age_s, session_s
from support.instants import at


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({}, None),
        ({"refresh_expires_in": 1800}, 1800.0),
        ({"refresh_token_expires_in": 7200}, 7200.0),
        ({"refresh_expires_in": 0, "refresh_token_expires_in": 7200}, None),  # 0: it does not end
        ({"refresh_expires_in": -1}, None),
        ({"refresh_expires_in": "1800"}, None),
        ({"refresh_expires_in": True}, None),
        ({"refresh_expires_in": 1e12}, None),
        ({"refresh_expires_in": float("inf")}, None),
    ],
)
def test_the_end_of_a_session_is_a_number_of_seconds_or_unknown(
    fields: dict[str, object], seconds: float | None
) -> None:
    assert session_s(fields) == seconds


@pytest.mark.parametrize(
    ("wall_s", "mono_s", "age"), [(50.0, 50.0, 50.0), (900.0, 50.0, 900.0), (-900.0, 50.0, 50.0)]
)
def test_tokens_are_as_old_as_the_clock_says_that_tells_more(
    wall_s: float, mono_s: float, age: float
) -> None:
    then = at(100.0)
    tokens = TokenSet(
        access_token="a",
        refresh_token="r",
        expires_in_s=60.0,
        obtained_at=then.wall,
        sent_mono=then.mono,
    )
    now = type(then)(then.mono + mono_s, then.wall + timedelta(seconds=wall_s))
    assert age_s(tokens, now) == age
