"""What a file is, and whether it may be sent: every check that needs no network. Pure.

Total over all bytes: whatever comes in, a `Checked` comes out, in time that grows with the size
alone. The bytes are looked at and never changed. What is found are findings of the catalogue;
one that is an error keeps the document here, a warning is shown and the document goes.
"""

from __future__ import annotations

import msgspec

from onvio_agent.contract import reasons
from onvio_agent.contract.reasons import Severity
from onvio_agent.sync import identifiers, kinds
from onvio_agent.sync.kinds import DocumentKind, Layout
from onvio_agent.sync.xml_reader import BYTES_MAX, Reading, Unreadable, read_xml

__all__ = ["BYTES_MAX", "Checked", "Finding", "check"]

_AUTHORISED = ("100", "150")
_TEST = "2"
_WANTED = frozenset(
    [path for layout in kinds.LAYOUTS for path in kinds.paths_in(layout)]
    + [kinds.ABRASF_INFO, kinds.SETTLEMENT_INFO]
)
_KINDS_BY_MODEL = {"65": DocumentKind.NFCE}


class Finding(msgspec.Struct, frozen=True):
    """One thing that was noticed. `fields`: what the sentences of `code` name."""

    code: str
    fields: dict[str, str] = msgspec.field(default_factory=dict)

    @property
    def blocks(self) -> bool:
        """Whether the document must not be sent."""
        return reasons.get(self.code).severity is Severity.ERROR


class Checked(msgspec.Struct, frozen=True):
    """What a document is. `kind` and `access_key` None: not known, or it has none."""

    kind: DocumentKind | None
    access_key: str | None
    findings: tuple[Finding, ...]

    @property
    def refusal(self) -> Finding | None:
        """The first finding that keeps it here."""
        return next((finding for finding in self.findings if finding.blocks), None)


def check(data: bytes, *, cnpj: str) -> Checked:
    """What `data` is and what speaks against sending it for the company `cnpj` (plain)."""
    try:
        reading = read_xml(data, _WANTED, tails=(kinds.ABRASF_CNPJ,), skip=kinds.SKIPPED)
    except Unreadable as error:
        return Checked(None, None, (_finding(error.code, **error.fields),))
    bom = (_finding("sync.byte_order_mark"),) if reading.has_bom else ()
    found = _recognise(reading)
    if isinstance(found, Finding):
        return Checked(None, None, (found, *bom))
    if isinstance(found, DocumentKind):
        return Checked(found, None, (*_whose(found, reading, cnpj), *bom))
    layout, base = found
    key = reading.first(f"{base}@Id").removeprefix(layout.key_prefix)
    kind = _KINDS_BY_MODEL.get(key[20:22], layout.kind) if layout.models else layout.kind
    findings = [
        *_key(layout, reading, base, key),
        *_protocol(layout, reading, base, key),
        *_environment(layout, reading, base),
        *_companies([reading.first(f"{base}/{path}") for path in layout.companies], cnpj),
        *bom,
    ]
    well_made = identifiers.has_key_shape(key)
    return Checked(kind, key if well_made else None, tuple(findings))


def _recognise(reading: Reading) -> tuple[Layout, str] | DocumentKind | Finding:
    """The layout and the path of its `info`; the kind of those without one; or what is wrong."""
    for layout in kinds.LAYOUTS:
        wrapped = reading.root == layout.wrapper
        if reading.root != layout.document and not wrapped:
            continue
        base = f"{layout.document}/{layout.info}"
        base = f"{layout.wrapper}/{base}" if wrapped else base
        if reading.namespace == layout.namespace and base in reading.values:
            return layout, base
    if reading.root == kinds.ABRASF_ROOT and kinds.ABRASF_INFO in reading.values:
        return DocumentKind.NFSE_ABRASF
    if reading.root == kinds.SETTLEMENT_ROOT and kinds.SETTLEMENT_INFO in reading.values:
        return DocumentKind.SETTLEMENT
    return _finding("sync.kind", root=reading.root)


def _key(layout: Layout, reading: Reading, base: str, key: str) -> list[Finding]:
    told = reading.first(f"{base}@Id")
    if not told:
        return [_finding("sync.key_missing")]
    shaped = len(key) == layout.key_length and identifiers.has_key_shape(key)
    if not told.startswith(layout.key_prefix) or not shaped:
        return [_finding("sync.key_shape", value=told)]
    if not identifiers.closes(key):
        return [_finding("sync.key_digit", value=key)]
    if layout.models and key[20:22] not in layout.models:
        return [_finding("sync.kind", root=f"{reading.root} ({key[20:22]})")]
    issuer = identifiers.issuer_of(key)
    if not identifiers.is_issuer(issuer):
        return [_finding("sync.key_company", value=issuer)]
    return _contents(layout, reading, base, key)


def _contents(layout: Layout, reading: Reading, base: str, key: str) -> list[Finding]:
    """The first value of the contents that is not the one in the key."""
    tellers = [reading.first(f"{base}/{path}") for path in layout.issuer]
    told = next((text for text in tellers if text), "")
    if told.zfill(14) != identifiers.issuer_of(key):
        return [_finding("sync.key_contents", field="emit", key=key)]
    for path, begin, end in layout.contents:
        if reading.first(f"{base}/{path}").zfill(end - begin) != key[begin:end]:
            return [_finding("sync.key_contents", field=path.rpartition("/")[2], key=key)]
    return []


def _protocol(layout: Layout, reading: Reading, base: str, key: str) -> list[Finding]:
    if not layout.protocol:
        return []
    if not base.startswith(f"{layout.wrapper}/"):
        return [_finding("sync.no_protocol")]
    answer = f"{layout.wrapper}/{layout.protocol}"
    if answer not in reading.values:
        return [_finding("sync.protocol_missing")]
    status = reading.first(f"{answer}/cStat")
    if status not in _AUTHORISED:
        return [_finding("sync.not_authorised", status=status or "-")]
    if reading.first(f"{answer}/{layout.protocol_key}") != key:
        return [_finding("sync.protocol_key")]
    return []


def _environment(layout: Layout, reading: Reading, base: str) -> list[Finding]:
    places = [f"{base}/{layout.environment}"]
    if layout.protocol:
        places.append(f"{layout.wrapper}/{layout.protocol}/tpAmb")
    if any(reading.first(place) == _TEST for place in places):
        return [_finding("sync.test_environment")]
    return []


def _whose(kind: DocumentKind, reading: Reading, cnpj: str) -> list[Finding]:
    """Settlements name no company that is known to stand in a certain place."""
    if kind is DocumentKind.SETTLEMENT:
        return []
    return _companies(reading.values.get(kinds.ABRASF_CNPJ, []), cnpj)


def _companies(found: list[str], cnpj: str) -> list[Finding]:
    if cnpj in (identifiers.plain_cnpj(text) for text in found):
        return []
    return [_finding("sync.other_company", cnpj=cnpj)]


def _finding(code: str, **fields: object) -> Finding:
    return Finding(code, {name: str(value) for name, value in fields.items()})
