"""The seed: every key has a default, and every mistake is named with its place."""

from __future__ import annotations

import msgspec
import pytest

from onvio_agent.simulator.seed import Seed, SeedError, demo_seed, read_seed


def test_an_empty_seed_is_complete() -> None:
    assert read_seed(b"{}") == Seed()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('{"offices": {}}', "offices"),
        ('{"office": {"cnpj": 11222333000181}}', "$.office.cnpj"),
        ('{"accounts": [{"email": "a@b.example"}]}', "$.accounts[0]"),
        ('{"accounts": [{"email": "a@b", "password": "x", "role": "boss"}]}', "[0].role"),
        ('{"accounts": [{"email": "ab", "password": "x"}]}', "$.accounts[0].email"),
        (
            '{"accounts": [{"email": "a@b", "password": "x"}, {"email": "A@B", "password": "x"}]}',
            "$.accounts[1].email",
        ),
        ('{"client_id": ""}', "$.client_id"),
        ('{"expires_in_s": 0}', "$.expires_in_s"),
        ("{", ""),
        ("\udcff", ""),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, named: str) -> None:
    with pytest.raises(SeedError) as caught:
        read_seed(text.encode("utf-8", "surrogateescape"))
    assert named in str(caught.value)


def test_the_demo_office_has_its_gerente_and_everybody_a_password_of_their_own() -> None:
    seed = demo_seed(lambda email: f"senha de {email}")
    assert seed.accounts[0].role == "administrator"
    assert len({account.password for account in seed.accounts}) == len(seed.accounts) == 5
    assert read_seed(msgspec.json.encode(seed)) == seed
