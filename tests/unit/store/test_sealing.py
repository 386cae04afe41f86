from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onvio_agent.store.sealing import Key, NotOpened, key_id

KEY = Key(bytes(range(32)))
NONCE = b"n" * 12


@given(st.binary(max_size=500), st.text(max_size=40), st.binary(min_size=12, max_size=12))
def test_what_is_sealed_opens_for_its_own_row(plaintext: bytes, row: str, nonce: bytes) -> None:
    assert KEY.open(KEY.seal(plaintext, row, nonce), row) == plaintext


@given(st.text(max_size=20), st.text(max_size=20))
def test_it_does_not_open_for_another_row(row: str, other: str) -> None:
    if row == other:
        return
    with pytest.raises(NotOpened):
        KEY.open(KEY.seal(b"token", row, NONCE), other)


@given(st.data())
def test_any_changed_byte_is_noticed(data: st.DataObject) -> None:
    sealed = bytearray(KEY.seal(b"a token", "tokens:1:1", NONCE))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(NotOpened):
        KEY.open(bytes(sealed), "tokens:1:1")


@given(st.binary(max_size=60))
def test_foreign_bytes_are_refused_and_never_crash(sealed: bytes) -> None:
    with pytest.raises(NotOpened):
        KEY.open(sealed, "tokens:1:1")


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(NotOpened):
        Key(b"k" * 32).open(KEY.seal(b"token", "row", NONCE), "row")


def test_neither_the_key_nor_the_plaintext_is_seen_from_outside() -> None:
    sealed = KEY.seal(b"plain-token", "row", NONCE)
    assert b"plain-token" not in sealed
    assert bytes(range(32)) not in sealed
    assert "\\x01\\x02" not in repr(KEY)
    assert len(key_id(bytes(range(32)))) == 8
