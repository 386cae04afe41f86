"""The catalogue is complete and consistent."""

import itertools

import pytest

from onvio_agent.contract import reasons
from onvio_agent.contract.status import Action, IconState

CODES = list(reasons.CATALOGUE)


@pytest.mark.parametrize("code", CODES)
def test_an_entry_says_what_is_wrong_and_what_to_do_next(code: str) -> None:
    entry = reasons.get(code)
    assert entry.title.endswith((".", "}"))
    assert len(entry.next_step) > 10
    assert entry.icon is not IconState.GREEN


@pytest.mark.parametrize("code", CODES)
def test_an_arrow_can_be_pressed(code: str) -> None:
    entry = reasons.get(code)
    if entry.icon is IconState.PLAY:
        assert entry.action in (Action.RECONNECT, Action.SIGN_IN)


@pytest.mark.parametrize("code", CODES)
def test_hides_names_what_exists(code: str) -> None:
    for item in reasons.get(code).hides:
        assert any(c == item or (item.endswith(".") and c.startswith(item)) for c in CODES)


def test_no_two_reasons_hide_each_other() -> None:
    for one, other in itertools.combinations(CODES, 2):
        assert not (reasons.hides(one, other) and reasons.hides(other, one)), (one, other)


def test_nothing_hides_itself() -> None:
    assert not any(reasons.hides(code, code) for code in CODES)
