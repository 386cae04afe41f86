"""One mask for one person, wherever and however that person is named."""

from __future__ import annotations

import json
import unicodedata
from urllib.parse import quote

import pytest

from onvio_agent.bundle.masks import Masker
from onvio_agent.log.redaction import HIDDEN, Redactor

EMAIL = "ana.moreira@escritorio.example"


@pytest.fixture
def masker() -> Masker:
    made = Masker(Redactor())
    made.person(("helena", "dona@escritorio.example"), ("Helena Prado",))
    made.person(("ana", EMAIL), ("Ana Moreira", "Ana Conceição Moreira"))
    made.company(("Padaria Pão da Serra", "12ABC34501DE35", "/srv/xml/padaria"))
    made.place("/home/maria", "~")
    made.place("maria", "usuario-do-sistema")
    return made


@pytest.mark.parametrize(
    "text",
    [
        "ana",
        "ANA",
        EMAIL,
        EMAIL.upper(),
        quote(EMAIL, safe=""),
        "Ana Moreira",
        "ana  moreira",
        "Ana Conceição Moreira",
        unicodedata.normalize("NFD", "Ana Conceição Moreira"),
        "Ana Conceicao Moreira",
        json.dumps("Conceição")[1:-1],
        "Moreira",
    ],
)
def test_every_form_of_a_person_becomes_the_same_mask(masker: Masker, text: str) -> None:
    assert masker.text(text) == "pessoa-2"
    assert masker.text(f"<{text}>, later") == "<pessoa-2>, later"


def test_a_company_is_known_by_name_number_and_folder(masker: Masker) -> None:
    for text in ("Padaria Pão da Serra", "12ABC34501DE35", "12.ABC.345/01DE-35"):
        assert masker.text(f"of {text}:") == "of empresa-1:"
    assert masker.text("/srv/xml/padaria/nota.xml") == "empresa-1/nota.xml"


def test_strangers_are_masked_by_their_look_and_keep_their_mask(masker: Masker) -> None:
    first = masker.text("from zoe@fora.example")
    assert first == "from pessoa-3"
    assert masker.text("ZOE@fora.example and ana@fora.example") == "pessoa-3 and pessoa-4"
    assert masker.text("11.222.333/0001-81 is 11222333000181") == "cnpj-1 is cnpj-1"
    assert masker.text("111.444.777-35, 11144477735") == "cpf-1, cpf-1"
    assert masker.text("NFe35260311222333000181550010000000011000000015.xml") == "chave-1.xml"
    assert (
        masker.text("/home/joana/x C:\\Users\\joana\\y")
        == "/home/usuario-1/x C:\\Users\\usuario-1\\y"
    )


def test_this_machine_and_its_user_are_masked(masker: Masker) -> None:
    assert (
        masker.text("file:///home/maria/.cache by maria") == "file://~/.cache by usuario-do-sistema"
    )
    assert masker.text("/home/ana/x") == "/home/pessoa-2/x"


def test_what_two_people_share_is_nobodys(masker: Masker) -> None:
    masker.person(("bia",), ("Beatriz Moreira",))
    assert masker.text("Moreira, Beatriz") == "nome, pessoa-3"
    assert masker.text("Ana Moreira") == "pessoa-2"


def test_ordinary_text_stays(masker: Masker) -> None:
    for text in (
        "anagram banana", "2026-11-24T18:00:00.123456Z", "store.corrupt", "12345678901234",
        "3f2b8c1e-0000-4000-8000-1234567890ab", "https://api.onvio.com.br:443", "10.0.0.1",
    ):  # fmt: skip
        assert masker.text(text) == text


def test_secrets_go_by_name_by_look_and_by_value() -> None:
    redactor = Redactor()
    redactor.register_secret("segredo-plantado")
    masker = Masker(redactor)
    found = masker.document({
        "password": "x", "tokens": {"a": "y"}, "text": "um segredo-plantado; password=z",
        "proxy": "http://joao:abc@proxy.example:3128", "count": 3,
    })  # fmt: skip
    assert found == {
        "password": HIDDEN, "tokens": HIDDEN, "text": f"um {HIDDEN}; password={HIDDEN}",
        "proxy": f"http://{HIDDEN}@proxy.example:3128", "count": 3,
    }  # fmt: skip


def test_keys_of_a_log_entry_stay_and_what_lies_deeper_is_masked(masker: Masker) -> None:
    entry = {"event": "link.ended", "user": "ana", "extra": {"ana": 1}, "of ana": [11222333000181]}
    assert masker.entry(entry) == {
        "event": "link.ended", "user": "pessoa-2", "extra": {"pessoa-2": 1}, "of pessoa-2": ["cnpj-1"],
    }  # fmt: skip


def test_a_login_that_is_a_word_of_ours_hides_no_event_reason_or_state() -> None:
    masker = Masker(Redactor())
    for login in ("link", "online", "store", "warning", "manager"):
        masker.person((login,))
    entry = {
        "event": "link.ended",
        "reason": "store.corrupt",
        "state": "online",
        "level": "warning",
    }
    assert masker.entry(entry) == entry
    assert masker.document({"role": "manager", "link": {"state": "valid"}}) == {
        "role": "manager", "link": {"state": "valid"},
    }  # fmt: skip
    assert masker.entry({"state": "ana@fora.example"}) == {"state": "pessoa-6"}


def test_an_entry_without_an_end_does_not_stop_it(masker: Masker) -> None:
    nested: object = "ana"
    for _ in range(500):
        nested = {"x": nested}
    assert "ana" not in json.dumps(masker.entry({"deep": nested}))
