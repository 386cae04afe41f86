"""The wait between tries grows, is jittered over its whole width, and never becomes a busy loop."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from onvio_agent.verdict.backoff import delay_s, is_asked_for, spread_s

DRAWS = st.floats(0, 1, exclude_max=True)


@given(st.integers(1, 10_000), DRAWS)
def test_a_delay_lies_between_the_floor_and_the_maximum(failures: int, draw: float) -> None:
    assert 0.2 <= delay_s(failures, draw, first_s=1.0, max_s=30.0) <= 30.0


@given(DRAWS)
def test_the_ceiling_doubles_with_each_failure(draw: float) -> None:
    ceilings = [delay_s(n, 0.999999, first_s=1.0, max_s=1e9) for n in range(1, 8)]
    assert all(1.99 < b / a < 2.01 for a, b in itertools.pairwise(ceilings))


def test_the_jitter_is_full() -> None:
    draws = [delay_s(10, n / 1000, first_s=1.0, max_s=30.0) for n in range(1000)]
    assert min(draws) < 1.0
    assert max(draws) > 29.0


@given(DRAWS)
def test_a_return_is_spread_over_the_width_only(draw: float) -> None:
    assert 0.0 <= spread_s(draw, 30.0) < 30.0
    assert spread_s(draw, 0.0) == 0.0


def test_only_onvios_own_wishes_outlive_a_restart() -> None:
    kept = ("onvio.limited", "onvio.unavailable", "auth.blocked")
    own = (None, "network.none", "tls.untrusted", "vault.locked", "auth.client_refused")
    assert [is_asked_for(each) for each in (*kept, *own)] == [True] * 3 + [False] * 5
