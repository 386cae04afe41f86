"""What is found in a document before it is sent: each kind, each defect, and which of them block."""

from __future__ import annotations

import pytest

from onvio_agent.sync.document import Checked, check
from onvio_agent.sync.kinds import DocumentKind
from support.deliveries import OFICINA, PADARIA, SUPPLIER, access_key, check_digit, nfe
from support.documents import KINDS, cte, defects, nfse, settlement


def codes(checked: Checked) -> list[str]:
    return [finding.code for finding in checked.findings]


def test_a_right_document_has_kind_and_key_and_nothing_against_it() -> None:
    checked = check(nfe(1), cnpj=PADARIA)
    assert checked == Checked(DocumentKind.NFE, access_key(1), ())


def test_the_issuer_may_send_it_as_well_as_the_addressee() -> None:
    assert check(nfe(1), cnpj=SUPPLIER).findings == ()
    assert codes(check(nfe(1), cnpj=OFICINA)) == ["sync.other_company"]


@pytest.mark.parametrize("kind", list(KINDS), ids=str)
def test_every_kind_is_known(kind: DocumentKind) -> None:
    checked = check(KINDS[kind], cnpj=PADARIA)
    assert checked.kind is kind
    assert checked.refusal is None, checked


@pytest.mark.parametrize("name", list(defects(1)))
def test_every_defect_has_its_own_reason(name: str) -> None:
    data, code = defects(1)[name]
    refusal = check(data, cnpj=PADARIA).refusal
    assert refusal is not None
    assert refusal.code == code


def test_without_a_protocol_a_bare_note_goes_with_a_warning() -> None:
    text = nfe(1).decode()
    bare = text[text.index("<NFe>") : text.index("<protNFe")].replace(
        "<NFe>", '<NFe xmlns="http://www.portalfiscal.inf.br/nfe">'
    )
    checked = check(bare.encode(), cnpj=PADARIA)
    assert (codes(checked), checked.refusal) == (["sync.no_protocol"], None)


def test_a_byte_order_mark_is_a_warning() -> None:
    checked = check(b"\xef\xbb\xbf" + nfe(1), cnpj=PADARIA)
    assert (codes(checked), checked.refusal) == (["sync.byte_order_mark"], None)


def test_an_alphanumeric_company_is_issuer_too() -> None:
    data = nfe(1, issuer=PADARIA, cnpj=OFICINA)
    assert check(data, cnpj=PADARIA).findings == ()


def test_a_person_may_issue_it() -> None:
    key = access_key(1, cnpj="00039053344705")
    data = (
        nfe(1, key=key)
        .decode()
        .replace(f"<emit><CNPJ>{SUPPLIER}</CNPJ>", "<emit><CPF>39053344705</CPF>")
    )
    assert check(data.encode(), cnpj=PADARIA).findings == ()


def test_what_the_key_says_must_stand_in_the_contents() -> None:
    for old, new, field in (
        ("<nNF>1<", "<nNF>2<", "nNF"),
        ("<serie>1<", "<serie>3<", "serie"),
        ("<cUF>43<", "<cUF>35<", "cUF"),
        ("<mod>55<", "<mod>65<", "mod"),
        (f"<emit><CNPJ>{SUPPLIER}", f"<emit><CNPJ>{OFICINA}", "emit"),
    ):
        refusal = check(nfe(1).decode().replace(old, new).encode(), cnpj=PADARIA).refusal
        assert refusal is not None
        assert (refusal.code, refusal.fields["field"]) == ("sync.key_contents", field)


def test_a_freight_bill_belongs_to_all_who_take_part() -> None:
    assert check(cte(1, payer=PADARIA), cnpj=PADARIA).findings == ()
    assert codes(check(cte(1, payer=SUPPLIER), cnpj=PADARIA)) == ["sync.other_company"]


def test_a_national_service_note_has_a_key_of_fifty() -> None:
    checked = check(nfse(7), cnpj=PADARIA)
    assert checked.access_key is not None
    assert len(checked.access_key) == 50
    wrong = nfse(7).replace(checked.access_key.encode(), checked.access_key[:-1].encode() + b"x")
    assert check(wrong, cnpj=PADARIA).refusal is not None


def test_a_settlement_names_no_company() -> None:
    assert check(settlement(1), cnpj=OFICINA) == Checked(DocumentKind.SETTLEMENT, None, ())


def test_the_digit_is_reckoned_over_letters_too() -> None:
    assert check_digit("12ABC34501DE") == "3"


def test_latin_text_that_says_so_is_read() -> None:
    text = nfe(1, note="São João").decode().replace("UTF-8", "ISO-8859-1")
    assert check(text.encode("latin-1"), cnpj=PADARIA).findings == ()
