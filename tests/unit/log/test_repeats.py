"""A repeated trouble is said once, counted, and its end said once."""

from __future__ import annotations

from onvio_agent.log import Repeats


def test_the_first_failure_is_said_and_the_same_again_is_not() -> None:
    repeats = Repeats()
    assert repeats.failure("connection", "network.dns", 10.0)
    assert not any(repeats.failure("connection", "network.dns", 10.0 + n) for n in range(1, 50))


def test_another_reason_is_said_once_too() -> None:
    repeats = Repeats()
    said = [repeats.failure("c", reason, 0.0) for reason in ("a", "b", "a", "b", "c")]
    assert said == [True, True, False, False, True]


def test_recovery_tells_count_and_duration_once() -> None:
    repeats = Repeats()
    for second in range(5):
        repeats.failure("c", "a", 100.0 + second)
    assert repeats.recovered("c", 130.0) == (5, 30.0)
    assert repeats.recovered("c", 131.0) is None


def test_after_a_recovery_the_same_failure_is_news_again() -> None:
    repeats = Repeats()
    repeats.failure("c", "a", 0.0)
    repeats.recovered("c", 1.0)
    assert repeats.failure("c", "a", 2.0)
    assert repeats.recovered("c", 4.0) == (1, 2.0)


def test_troubles_do_not_mix() -> None:
    repeats = Repeats()
    assert repeats.failure("one", "a", 0.0)
    assert repeats.failure("two", "a", 0.0)
    assert repeats.recovered("one", 1.0) == (1, 1.0)
    assert not repeats.failure("two", "a", 2.0)


def test_nothing_recovers_that_never_failed() -> None:
    assert Repeats().recovered("c", 1.0) is None
