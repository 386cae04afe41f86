"""Hostile XML costs bounded time and memory, and is refused with a reason."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from onvio_agent.contract.reasons import CATALOGUE
from onvio_agent.sync.document import check
from onvio_agent.sync.xml_reader import BYTES_MAX, Unreadable, read_xml
from support.deliveries import PADARIA, nfe

SECONDS_MAX = 5.0
"""What 5 MiB take at worst is a tenth of it; loaded machines are slow, an attack is slower."""
GROWTH_MAX = 60 * 1024**2

HOSTILE: dict[str, Callable[[], bytes]] = {
    "many elements": lambda: b"<a>" + b"<b/>" * 1_250_000 + b"</a>",
    "deep": lambda: b"<a>" * 1_700_000,
    "many attributes": lambda: b"<a " + b" ".join(b'a%d=""' % n for n in range(500_000)) + b"/>",
    "one long name": lambda: b"<" + b"a" * (BYTES_MAX - 2) + b">",
    "one long comment": lambda: b"<a><!--" + b"x" * (BYTES_MAX - 20) + b"--></a>",
    "one long text": lambda: b"<a>" + b"x" * (BYTES_MAX - 7) + b"</a>",
    "unclosed CDATA": lambda: b"<a><![CDATA[" + b"]" * (BYTES_MAX - 20),
    "character references": lambda: b"<a>" + b"&#65;" * 1_000_000 + b"</a>",
    "namespaces": lambda: b"<a>" + b'<b xmlns="u"/>' * 370_000 + b"</a>",
    "NULs": lambda: b"\0" * BYTES_MAX,
    "a bomb": lambda: (
        b'<!DOCTYPE a [<!ENTITY a0 "x">'
        + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 50) for n in range(1, 30))
        + b"]><a>&a29;</a>"
    ),
    "a large text in a value": lambda: nfe(1).replace(b"Venda", b"V" * (BYTES_MAX - 3000)),
}


@pytest.mark.parametrize("name", list(HOSTILE))
def test_hostile_documents_cost_bounded_time_and_memory(name: str) -> None:
    data = HOSTILE[name]()
    assert len(data) <= BYTES_MAX + 1024**2
    began = time.process_time()
    check(data, cnpj=PADARIA)
    assert time.process_time() - began < SECONDS_MAX
    tracemalloc.start()
    try:
        check(data, cnpj=PADARIA)
        assert tracemalloc.get_traced_memory()[1] < GROWTH_MAX
    finally:
        tracemalloc.stop()


def test_what_is_too_large_is_not_even_read() -> None:
    with pytest.raises(Unreadable) as refused:
        read_xml(b"<" * (BYTES_MAX + 1), ())
    assert refused.value.code == "sync.too_large"


def test_a_bound_of_the_reader_is_named() -> None:
    with pytest.raises(Unreadable) as refused:
        read_xml(HOSTILE["deep"](), ())
    assert refused.value.code == "sync.too_complex"


def test_values_are_found_by_path_and_by_name_and_cut() -> None:
    data = (
        b'<a xmlns="u" x="1"><b>one</b><c><b>two</b></c><d><b>skipped</b></d><b>'
        + b"y" * 999
        + b"</b></a>"
    )
    reading = read_xml(data, ["a/b", "a@x"], tails=["c"], skip=["d"])
    assert (reading.root, reading.namespace) == ("a", "u")
    assert reading.values["a/b"] == ["one", "y" * 200]
    assert reading.first("a@x") == "1"
    assert reading.first("a/d/b") == ""


@given(st.binary(max_size=3000))
@example(b"")
@example(b"\xef\xbb\xbf")
@example(b'<?xml version="1.0" encoding="idna"?><a/>')
def test_any_bytes_end_in_findings_of_the_catalogue(data: bytes) -> None:
    checked = check(data, cnpj=PADARIA)
    assert all(finding.code in CATALOGUE for finding in checked.findings)
    assert checked.refusal is not None


@settings(max_examples=300)
@given(
    st.lists(st.tuples(st.integers(0, 1600), st.integers(0, 12), st.binary(max_size=8)), max_size=6)
)
def test_a_document_that_was_changed_anywhere_ends_in_findings_too(
    changes: list[tuple[int, int, bytes]],
) -> None:
    data = nfe(1)
    for at, length, new in changes:
        data = data[:at] + new + data[at + length :]
    for finding in check(data, cnpj=PADARIA).findings:
        assert finding.code in CATALOGUE
        assert all(len(value) <= 400 for value in finding.fields.values())
