"""What ONVIO tells of an account is a value or unknown, never a guess."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onvio_agent.office.model import OnvioRole
from onvio_agent.onvio.account_facts import AccountFacts, normal_cnpj, read_account


def test_the_known_shape_is_read() -> None:
    facts = read_account(
        {
            "pageIndex": 1,
            "totalPages": 1,
            "office": {"cnpj": "11.222.333/0001-81", "name": "Escritório Modelo"},
            "account": {"role": "administrator"},
            "clients": [],
        }
    )
    assert facts == AccountFacts(
        role=OnvioRole.ADMINISTRATOR, office_cnpj="11222333000181", office_name="Escritório Modelo"
    )


@pytest.mark.parametrize(
    ("word", "role"),
    [
        ("staff", OnvioRole.STAFF),
        ("ADMINISTRADOR", OnvioRole.ADMINISTRATOR),
        ("superuser", OnvioRole.UNKNOWN),
        ("", OnvioRole.UNKNOWN),
        (None, OnvioRole.UNKNOWN),
        (True, OnvioRole.UNKNOWN),
        (["administrator"], OnvioRole.UNKNOWN),
    ],
)
def test_a_role_that_is_no_known_word_is_unknown(word: object, role: OnvioRole) -> None:
    assert read_account({"account": {"role": word}}).role is role


def test_the_other_spelling_of_an_office_is_read_too() -> None:
    facts = read_account(
        {
            "accountantOfficeName": "Escritório\u202e Modelo",
            "accountantOfficeNationalIdentity": "12.abc.345/01de-35",
        }
    )
    assert facts.office_cnpj == "12ABC34501DE35"
    assert facts.office_name == "Escritório Modelo"


@pytest.mark.parametrize("cnpj", [11222333000181, 11222333000181.0, "123", "", "1122233300018A"])
def test_a_cnpj_is_text_of_fourteen_characters_or_unknown(cnpj: object) -> None:
    assert read_account({"office": {"cnpj": cnpj}}).office_cnpj is None


def test_a_cnpj_keeps_its_leading_zeros_and_letters() -> None:
    assert normal_cnpj("00.000.000/0001-91") == "00000000000191"
    assert normal_cnpj("12.abc.345/01de-35") == "12ABC34501DE35"


json_values: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
keys = st.sampled_from(["office", "account", "role", "cnpj", "name", "user", "accountantOffice"])


@given(st.dictionaries(keys, st.dictionaries(keys, json_values) | json_values))
def test_no_shape_is_too_strange_to_read(fields: dict[str, object]) -> None:
    facts = read_account(fields)
    assert isinstance(facts.role, OnvioRole)
