"""The connection's verdict: two failures before offline, validity from the sending, no revival by
late facts, waits that ONVIO names."""

from hypothesis import given
from hypothesis import strategies as st

from onvio_agent.contract.status import ConnectionState
from onvio_agent.verdict.connection import ConnectionVerdict, decide
from onvio_agent.verdict.facts import (
    ConnectionFact,
    Limits,
    ProbeFailed,
    ProbeStarted,
    ProbeSucceeded,
)
from support.instants import at

LIMITS = Limits()


def after(*steps: tuple[float, ConnectionFact | None]) -> ConnectionVerdict:
    verdict = ConnectionVerdict()
    for mono, fact in steps:
        verdict = decide(verdict, fact, at(mono), LIMITS, 0.5)
    return verdict


def test_a_start_is_not_online_before_a_probe() -> None:
    assert after().state is ConnectionState.STARTING
    assert after((0.0, ProbeStarted())).state is ConnectionState.CHECKING


def test_validity_counts_from_the_sending_not_from_the_answer() -> None:
    verdict = after((14.0, ProbeSucceeded(10.0, 4000.0)))
    assert verdict.valid_until == 10.0 + LIMITS.connection_valid_s


def test_an_answer_that_came_after_its_own_validity_is_not_online() -> None:
    assert after((200.0, ProbeSucceeded(10.0, 1.0))).state is ConnectionState.OFFLINE


def test_one_failure_while_online_changes_no_state_and_is_tried_again_at_once() -> None:
    verdict = after((0.0, ProbeSucceeded(0.0)), (31.0, ProbeFailed(30.0, "network.timeout")))
    assert verdict.state is ConnectionState.ONLINE
    assert verdict.retry_at == 31.0
    assert verdict.valid_until == 90.0


def test_two_failures_take_it_offline_with_the_reason() -> None:
    verdict = after(
        (0.0, ProbeSucceeded(0.0)),
        (31.0, ProbeFailed(30.0, "network.timeout")),
        (35.0, ProbeFailed(31.0, "network.timeout")),
    )
    assert (verdict.state, verdict.reason) == (ConnectionState.OFFLINE, "network.timeout")


def test_one_failure_is_enough_when_the_system_itself_says_so() -> None:
    fact = ProbeFailed(30.0, "network.none", certain=True)
    verdict = after((0.0, ProbeSucceeded(0.0)), (30.0, fact))
    assert (verdict.state, verdict.reason) == (ConnectionState.OFFLINE, "network.none")


def test_a_failure_does_not_prolong_what_has_expired() -> None:
    verdict = after((0.0, ProbeSucceeded(0.0)), (95.0, ProbeFailed(91.0, "network.timeout")))
    assert verdict.state is ConnectionState.OFFLINE


def test_it_expires_by_time_alone() -> None:
    assert after((0.0, ProbeSucceeded(0.0)), (89.9, None)).state is ConnectionState.ONLINE
    expired = after((0.0, ProbeSucceeded(0.0)), (90.0, None))
    assert (expired.state, expired.reason) == (ConnectionState.OFFLINE, "agent.stale")


def test_a_check_while_online_stays_online() -> None:
    verdict = after((0.0, ProbeSucceeded(0.0)), (30.0, ProbeStarted()))
    assert verdict.state is ConnectionState.ONLINE


def test_a_wait_that_onvio_names_is_shown_as_waiting_and_is_never_shortened() -> None:
    verdict = after((0.0, ProbeFailed(0.0, "onvio.limited", retry_after_s=120.0)))
    assert verdict.state is ConnectionState.WAITING
    assert verdict.retry_at is not None
    assert verdict.retry_at >= 120.0


def test_a_success_that_was_asked_for_before_a_failure_does_not_revive() -> None:
    verdict = after(
        (0.0, ProbeFailed(10.0, "network.timeout")),
        (12.0, ProbeSucceeded(5.0)),
    )
    assert verdict.state is ConnectionState.OFFLINE


def test_a_return_remembers_what_it_came_back_from() -> None:
    verdict = after((0.0, ProbeFailed(0.0, "onvio.unavailable")), (9.0, ProbeSucceeded(9.0)))
    assert verdict.came_from == "onvio.unavailable"
    assert verdict.failures == 0


FACTS = st.one_of(
    st.none(),
    st.just(ProbeStarted()),
    st.builds(lambda back: ("ok", back), st.floats(0, 20)),
    st.builds(lambda back: ("bad", back), st.floats(0, 20)),
)


@given(st.lists(st.tuples(st.floats(0, 60), FACTS), max_size=40))
def test_online_always_means_a_success_sent_within_its_validity(
    steps: list[tuple[float, object]],
) -> None:
    verdict, mono, newest = ConnectionVerdict(), 100.0, float("-inf")
    for wait, step in steps:
        mono += wait
        fact: ConnectionFact | None
        match step:
            case ("ok", float(back)):
                fact = ProbeSucceeded(mono - back)
                newest = max(newest, mono - back)
            case ("bad", float(back)):
                fact = ProbeFailed(mono - back, "network.timeout")
            case ProbeStarted():
                fact = step
            case _:
                fact = None
        verdict = decide(verdict, fact, at(mono), LIMITS, 0.5)
        if verdict.is_online(mono):
            assert mono < newest + LIMITS.connection_valid_s


def test_what_expires_after_a_failure_names_its_reason_and_waits_where_onvio_said_so() -> None:
    limited = ProbeFailed(30.0, "onvio.limited", retry_after_s=300.0)
    waiting = after((0.0, ProbeSucceeded(0.0)), (30.0, limited), (90.0, None))
    assert (waiting.state, waiting.reason) == (ConnectionState.WAITING, "onvio.limited")
    cut = ProbeFailed(80.0, "network.timeout")
    offline = after((0.0, ProbeSucceeded(0.0)), (84.0, cut), (90.0, None))
    assert (offline.state, offline.reason) == (ConnectionState.OFFLINE, "network.timeout")


def test_a_success_ends_the_trouble() -> None:
    verdict = after((0.0, ProbeFailed(0.0, "network.timeout")), (5.0, ProbeSucceeded(5.0)))
    assert (verdict.trouble, verdict.failures) == (None, 0)
