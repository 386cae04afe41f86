"""Foreign text made fit for a screen or a log."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from onvio_agent.plain_text import FOREIGN_MAX, clean, cut, escape

TRICKS = "\x1b\x07\x9b\u202e\u2066\u200f\u061c\ufeff\u2028\U000e0041"


def test_a_screen_gets_no_terminal_codes_and_no_direction_tricks() -> None:
    assert clean(f"a{TRICKS}b") == "a b"
    assert clean("one\r\n\ttwo") == "one two"
    assert clean("Situação: João & 日本") == "Situação: João & 日本"


def test_a_log_shows_what_was_there() -> None:
    assert escape("a\x1b\u202e\U000e0041") == "a\\u001b\\u202e\\U000e0041"
    assert escape("a\n\tb\x00", keep_breaks=True) == "a\n\tb\\u0000"
    assert escape("Situação") == "Situação"


def test_a_cut_text_says_so() -> None:
    assert cut("a" * FOREIGN_MAX) == "a" * FOREIGN_MAX
    assert cut("a" * 301) == "a" * 299 + "…"
    assert cut("abcdef", 3) == "ab…"


@given(st.text(st.characters()))
def test_whatever_comes_in_nothing_unsafe_goes_out(text: str) -> None:
    for shown in (clean(text), escape(text)):
        assert not any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 for char in shown)
        assert not set(shown) & set(TRICKS)
        shown.encode("utf-8")
