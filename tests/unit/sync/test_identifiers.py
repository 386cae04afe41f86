"""CNPJ, CPF and access keys: shapes and check digits, letters included."""

from __future__ import annotations

import pytest

from onvio_agent.sync.identifiers import (
    closes,
    has_key_shape,
    is_cnpj,
    is_cpf,
    is_issuer,
    issuer_of,
    plain_cnpj,
)
from support.deliveries import access_key


@pytest.mark.parametrize("cnpj", ["12.ABC.345/01DE-35", "12abc34501de35", "45.723.174/0001-10"])
def test_a_right_cnpj_is_taken_however_it_is_written(cnpj: str) -> None:
    assert is_cnpj(plain_cnpj(cnpj))


@pytest.mark.parametrize(
    "cnpj",
    ["12ABC34501DE36", "45723174000111", "4572317400011", "00000000000000", "", "12ABC34501DEA5",
     "\uff11\uff12ABC34501DE35"],
)  # fmt: skip
def test_a_wrong_one_is_not(cnpj: str) -> None:
    assert not is_cnpj(plain_cnpj(cnpj))


def test_an_issuer_may_be_a_person() -> None:
    assert is_cpf("39053344705")
    assert not is_cpf("39053344706")
    assert is_issuer("00039053344705")
    assert not is_issuer("00139053344705")


def test_every_change_of_a_digit_opens_the_key() -> None:
    key = access_key(4711)
    assert closes(key)
    wrong = [
        key[:at] + digit + key[at + 1 :]
        for at in range(44)
        for digit in "0123456789"
        if digit != key[at]
    ]
    assert sum(closes(text) for text in wrong) < len(wrong) // 10


def test_the_shape_says_where_the_issuer_stands() -> None:
    assert has_key_shape(access_key(1, cnpj="12ABC34501DE35"))
    assert issuer_of(access_key(1, cnpj="12ABC34501DE35")) == "12ABC34501DE35"
    assert not has_key_shape(access_key(1)[:-1])
    assert not has_key_shape("x" * 44)
    assert issuer_of("431490211" + "45723174000110" + "0" * 27) == "45723174000110"
