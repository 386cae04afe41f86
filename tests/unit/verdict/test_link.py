"""A link's verdict: facts of another generation are void, trouble only lets success grow old."""

from onvio_agent.contract.status import LinkState
from onvio_agent.verdict.facts import Limits, LinkFact, LinkSucceeded, LinkTroubled
from onvio_agent.verdict.link import LinkVerdict, Standing, decide
from support.instants import at

LIMITS = Limits()
GOOD = Standing(3, LinkState.VALID)


def after(*steps: tuple[float, LinkFact | None], standing: Standing = GOOD) -> LinkVerdict:
    verdict: LinkVerdict | None = None
    for mono, fact in steps:
        verdict = decide(verdict, standing, fact, at(mono), LIMITS, 0.5)
    assert verdict is not None
    return verdict


def ok(sent_at: float, generation: int = 3) -> LinkSucceeded:
    return LinkSucceeded(1, generation, sent_at)


def bad(sent_at: float, reason: str = "network.timeout") -> LinkTroubled:
    return LinkTroubled(1, 3, sent_at, reason)


def test_a_confirmed_link_waits_until_onvio_has_confirmed_it_in_this_run() -> None:
    verdict = after((0.0, None))
    assert (verdict.state, verdict.reason) == (LinkState.WAITING, "link.checking")


def test_validity_counts_from_the_sending() -> None:
    assert after((9.0, ok(2.0))).valid_until == 2.0 + LIMITS.link_valid_s


def test_a_fact_of_another_generation_is_void() -> None:
    assert after((0.0, ok(0.0, generation=2))).state is LinkState.WAITING
    assert after((0.0, ok(0.0, generation=4))).state is LinkState.WAITING


def test_a_new_generation_starts_from_nothing() -> None:
    old = after((0.0, ok(0.0)))
    fresh = decide(old, Standing(4, LinkState.VALID), None, at(1.0), LIMITS, 0.5)
    assert (fresh.state, fresh.valid_until) == (LinkState.WAITING, None)


def test_trouble_never_ends_a_link_it_only_grows_old() -> None:
    steps = [(0.0, ok(0.0)), *[(t, bad(t)) for t in (300.0, 310.0, 600.0)]]
    verdict = after(*steps)
    assert verdict.state is LinkState.VALID
    late = after(*steps, (900.0, None))
    assert (late.state, late.reason) == (LinkState.WAITING, "network.timeout")


def test_what_has_expired_without_trouble_is_stale() -> None:
    verdict = after((0.0, ok(0.0)), (900.0, None))
    assert (verdict.state, verdict.reason) == (LinkState.WAITING, "agent.stale")


def test_a_success_after_trouble_clears_it() -> None:
    verdict = after((0.0, bad(0.0)), (5.0, ok(5.0)))
    assert (verdict.state, verdict.failures, verdict.retry_at) == (LinkState.VALID, 0, None)


def test_a_success_sent_before_newer_trouble_is_void() -> None:
    assert after((0.0, bad(10.0)), (12.0, ok(5.0))).state is LinkState.WAITING


def test_a_definitive_end_shows_at_once_however_fresh_the_success() -> None:
    old = after((0.0, ok(0.0)))
    ended = Standing(3, LinkState.NEEDS_PERSON, "link.session_ended")
    verdict = decide(old, ended, None, at(1.0), LIMITS, 0.5)
    assert (verdict.state, verdict.reason) == (LinkState.NEEDS_PERSON, "link.session_ended")
    back = decide(verdict, GOOD, None, at(2.0), LIMITS, 0.5)
    assert back.state is LinkState.WAITING


def test_an_unconfirmed_link_is_never_valid() -> None:
    standing = Standing(3, LinkState.UNCONFIRMED)
    verdict = after((0.0, ok(0.0)), standing=standing)
    assert (verdict.state, verdict.reason) == (LinkState.UNCONFIRMED, "portal.unconfirmed")


def test_a_named_wait_is_obeyed() -> None:
    fact = LinkTroubled(1, 3, 0.0, "onvio.limited", retry_after_s=100.0)
    verdict = after((0.0, fact))
    assert verdict.retry_at is not None
    assert verdict.retry_at >= 100.0


def test_only_a_link_that_needs_a_person_shows_what_ended_it() -> None:
    ended = Standing(3, LinkState.NEEDS_PERSON, "link.session_ended")
    assert after((0.0, None), standing=ended).reason == "link.session_ended"
    former = Standing(3, LinkState.VALID, "manager.not_admin")
    verdict = after((0.0, ok(0.0)), standing=former)
    assert (verdict.state, verdict.reason) == (LinkState.VALID, None)
