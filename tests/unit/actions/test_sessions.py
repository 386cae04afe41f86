"""The Gerente's sessions: named by a secret, ended by idleness, all at once when the role moves."""

from __future__ import annotations

from onvio_agent.actions.sessions import Sessions
from onvio_agent.chance import SystemEntropy
from support.instants import HandClock


def sessions_of(idle_s: float = 900.0) -> tuple[Sessions, HandClock]:
    clock = HandClock()
    return Sessions(clock, SystemEntropy(), idle_s), clock


def test_an_open_session_is_known_and_any_other_is_not() -> None:
    sessions, _clock = sessions_of()
    token = sessions.open()
    assert sessions.use(token)
    for other in ("", "x", token[:-1], token.upper()):
        assert not sessions.use(other)


def test_it_ends_after_some_idle_time_and_each_use_begins_it_anew() -> None:
    sessions, clock = sessions_of()
    token = sessions.open()
    for _ in range(5):
        clock.advance(899.0)
        assert sessions.use(token)
    clock.advance(900.0)
    assert not sessions.use(token)


def test_setting_the_clock_prolongs_nothing() -> None:
    sessions, clock = sessions_of()
    token = sessions.open()
    clock.step_wall(-172_800.0)
    clock.advance(900.0)
    assert not sessions.use(token)


def test_one_or_all_can_be_closed() -> None:
    sessions, _clock = sessions_of()
    one, two, three = (sessions.open() for _ in range(3))
    sessions.close(one)
    sessions.close("unknown")
    assert [sessions.use(each) for each in (one, two, three)] == [False, True, True]
    sessions.close_all()
    assert not any(sessions.use(each) for each in (one, two, three))


def test_ended_sessions_are_forgotten_and_tokens_are_not_kept() -> None:
    sessions, clock = sessions_of()
    tokens = [sessions.open() for _ in range(50)]
    assert not any(token in repr(vars(sessions)) for token in tokens)
    clock.advance(901.0)
    sessions.open()
    assert len(sessions._ends_at) == 1
