"""The error tree: what its members carry, and what their texts can never hold."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onvio_agent.onvio.errors import (
    DETAIL_MAX,
    Busy,
    CloudError,
    Denied,
    NotSent,
    ServerError,
    TokenRefused,
    Uncertain,
    clean,
)


def test_only_a_lost_or_undecided_answer_may_have_spent_a_token() -> None:
    spent = {
        kind for kind in (NotSent, Busy, Uncertain, ServerError, Denied) if kind.may_have_acted
    }
    assert spent == {Uncertain, ServerError}


def test_a_refused_token_is_a_definitive_answer() -> None:
    assert issubclass(TokenRefused, Denied)
    assert not TokenRefused.may_have_acted


def test_a_reason_that_the_catalogue_does_not_know_is_a_bug() -> None:
    with pytest.raises(KeyError):
        CloudError("network.invented")


def test_the_text_names_reason_and_detail_and_never_the_second_factor_token() -> None:
    error = Denied(
        "link.second_factor", error="mfa_required", detail="HTTP 403", mfa_token="s3cr3t"
    )
    assert str(error) == "link.second_factor: HTTP 403"
    assert "s3cr3t" not in repr(error)
    assert error.mfa_token == "s3cr3t"


@given(st.text(max_size=3 * DETAIL_MAX))
def test_cleaned_text_is_one_short_line_without_control_or_bidi_characters(text: str) -> None:
    cleaned = clean(text)
    assert len(cleaned) <= DETAIL_MAX
    assert not any(unicodedata.category(char)[0] == "C" for char in cleaned)
    assert cleaned == " ".join(cleaned.split())


def test_a_page_of_text_is_cut_with_a_mark() -> None:
    assert clean("x" * 100_000) == "x" * (DETAIL_MAX - 1) + "…"


def test_a_sentence_in_portuguese_stays_as_it_is() -> None:
    assert clean("Serviço indisponível: não há conexão") == "Serviço indisponível: não há conexão"
