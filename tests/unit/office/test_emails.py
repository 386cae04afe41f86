"""E-mails that changed at ONVIO settle together or not at all; nothing is ever merged."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from onvio_agent.office.emails import freed_for, settle
from onvio_agent.office.model import Office, text_key
from support.offices import office, user


def people(**reported: str | None) -> Office:
    return office(
        *(user(n, name, reported_email=email) for n, (name, email) in enumerate(reported.items()))
    )


def test_a_free_email_is_taken_over() -> None:
    assert settle(people(ana="nova@x.example", bia=None)) == {0: "nova@x.example"}


def test_a_held_email_is_left_alone() -> None:
    assert settle(people(ana="bia@escritorio.example", bia=None)) == {}


def test_two_who_swapped_settle_in_one_step() -> None:
    swapped = people(ana="bia@escritorio.example", bia="ana@escritorio.example")
    assert settle(swapped) == {0: "bia@escritorio.example", 1: "ana@escritorio.example"}


def test_a_chain_settles_and_its_blocked_end_blocks_it() -> None:
    assert len(settle(people(ana="bia@escritorio.example", bia="z@x.example"))) == 2
    blocked = people(ana="bia@escritorio.example", bia="caio@escritorio.example", caio=None)
    assert settle(blocked) == {}


def test_two_who_want_the_same_get_neither() -> None:
    assert settle(people(ana="z@x.example", bia="Z@x.example")) == {}


def test_a_sign_in_may_take_an_email_that_its_holder_is_known_to_have_given_up() -> None:
    moved = people(ana=None, bia="ana@escritorio.example")
    assert freed_for(moved, 0, "bia@escritorio.example") == {1: "ana@escritorio.example"}


def test_a_sign_in_may_not_take_an_email_that_its_holder_still_has() -> None:
    assert freed_for(people(ana=None, bia=None), 0, "bia@escritorio.example") == {}
    unsettled = people(ana=None, bia="caio@escritorio.example", caio=None)
    assert freed_for(unsettled, 0, "bia@escritorio.example") == {}
    assert freed_for(people(ana=None, bia=None), 0, "livre@escritorio.example") == {}


NAMES = [f"u{n}" for n in range(5)]
EMAILS = [f"{name}@escritorio.example" for name in NAMES] + ["x@x.example", "X@X.example"]


@given(st.fixed_dictionaries({name: st.none() | st.sampled_from(EMAILS) for name in NAMES}))
def test_whatever_is_reported_every_email_keeps_one_holder(reported: dict[str, str | None]) -> None:
    before = people(**reported)
    applied = settle(before)
    keys = []
    for each in before.users:
        assert each.link.account is not None
        keys.append(text_key(applied.get(each.id, each.link.account.email)))
    assert len(set(keys)) == len(keys)
