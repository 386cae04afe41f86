"""The kinds of fiscal documents that ONVIO takes, and where in each the checked values stand. Pure data."""

from __future__ import annotations

from enum import StrEnum

import msgspec

NFE_SPACE = "http://www.portalfiscal.inf.br/nfe"
CTE_SPACE = "http://www.portalfiscal.inf.br/cte"
NFSE_SPACE = "http://www.sped.fazenda.gov.br/nfse"


class DocumentKind(StrEnum):
    """What a document is, by the words of this project."""

    NFE = "nfe"
    NFCE = "nfce"
    CTE = "cte"
    CTE_OS = "cte_os"
    GTVE = "gtve"
    CTE_SIMPLIFIED = "cte_simplified"
    NFSE = "nfse"
    NFSE_ABRASF = "nfse_abrasf"
    CFE = "cfe"
    SETTLEMENT = "settlement"


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """One kind's shape. Paths are relative to `info`, the element that carries the `Id`.

    `key_prefix` empty: no access key. `companies`: paths of everybody whose document this is.
    `contents`: what of the key stands in the contents too, by its slice. `protocol`: path, from the
    wrapper's root, of the authorities' answer.
    """

    kind: DocumentKind
    namespace: str
    document: str
    info: str
    wrapper: str = ""
    models: tuple[str, ...] = ()
    key_prefix: str = ""
    key_length: int = 44
    companies: tuple[str, ...] = ()
    issuer: tuple[str, ...] = ()
    contents: tuple[tuple[str, int, int], ...] = ()
    environment: str = ""
    protocol: str = ""
    protocol_key: str = ""


_ALL_KEYS = (("ide/cUF", 0, 2), ("ide/mod", 20, 22), ("ide/serie", 22, 25))
_EMIT = ("emit/CNPJ", "emit/CPF")


def _transport(
    kind: DocumentKind, wrapper: str, document: str, model: str, *companies: str
) -> Layout:
    return Layout(
        kind=kind,
        namespace=CTE_SPACE,
        document=document,
        info="infCte",
        wrapper=wrapper,
        models=(model,),
        key_prefix="CTe",
        companies=("emit/CNPJ", *companies),
        issuer=_EMIT,
        contents=(*_ALL_KEYS, ("ide/nCT", 25, 34)),
        environment="ide/tpAmb",
        protocol="protCTe/infProt",
        protocol_key="chCTe",
    )


LAYOUTS: tuple[Layout, ...] = (
    Layout(
        kind=DocumentKind.NFE,
        namespace=NFE_SPACE,
        document="NFe",
        info="infNFe",
        wrapper="nfeProc",
        models=("55", "65"),
        key_prefix="NFe",
        companies=("emit/CNPJ", "dest/CNPJ"),
        issuer=_EMIT,
        contents=(*_ALL_KEYS, ("ide/nNF", 25, 34)),
        environment="ide/tpAmb",
        protocol="protNFe/infProt",
        protocol_key="chNFe",
    ),
    _transport(
        DocumentKind.CTE, "cteProc", "CTe", "57",
        "rem/CNPJ", "exped/CNPJ", "receb/CNPJ", "dest/CNPJ", "ide/toma4/CNPJ",
    ),
    _transport(DocumentKind.CTE_OS, "cteOSProc", "CTeOS", "67", "toma/CNPJ"),
    _transport(
        DocumentKind.GTVE, "GTVeProc", "GTVe", "64", "rem/CNPJ", "dest/CNPJ", "ide/tomaTerceiro/CNPJ"
    ),
    _transport(DocumentKind.CTE_SIMPLIFIED, "cteSimpProc", "CTeSimp", "57", "toma/CNPJ"),
    Layout(
        kind=DocumentKind.NFSE,
        namespace=NFSE_SPACE,
        document="NFSe",
        info="infNFSe",
        key_prefix="NFS",
        key_length=50,
        companies=(
            "emit/CNPJ", "DPS/infDPS/prest/CNPJ", "DPS/infDPS/toma/CNPJ", "DPS/infDPS/interm/CNPJ",
        ),
        issuer=_EMIT,
        environment="DPS/infDPS/tpAmb",
    ),
    Layout(
        kind=DocumentKind.CFE,
        namespace="",
        document="CFe",
        info="infCFe",
        models=("59",),
        key_prefix="CFe",
        companies=("emit/CNPJ", "dest/CNPJ"),
        issuer=("emit/CNPJ",),
        contents=(("ide/cUF", 0, 2), ("ide/mod", 20, 22), ("ide/nserieSAT", 22, 31), ("ide/nCFe", 31, 37)),
        environment="ide/tpAmb",
    ),
)  # fmt: skip
"""Those with a layout of their own; the others are known by their roots."""

ABRASF_ROOT, ABRASF_INFO = "CompNfse", "CompNfse/Nfse/InfNfse"
SETTLEMENT_ROOT, SETTLEMENT_INFO = "Baixas", "Baixas/infBaixas"
ABRASF_CNPJ = "Cnpj"
"""Layouts of cities differ; in all of them the companies stand in elements of this name."""

SKIPPED = ("det", "Signature", "cobr", "infCTeNorm")
"""Long, and nothing in them is checked."""


def paths_in(layout: Layout) -> list[str]:
    """Every path that is read of that kind, with and without its wrapper."""
    roots = [layout.document]
    if layout.wrapper:
        roots.append(f"{layout.wrapper}/{layout.document}")
    inside = (*layout.companies, *layout.issuer, *(path for path, _from, _to in layout.contents))
    found = []
    for root in roots:
        base = f"{root}/{layout.info}"
        found += [base, f"{base}@Id", f"{base}/ide/tpEmis", f"{base}/{layout.environment}"]
        found += [f"{base}/{path}" for path in inside]
    if layout.protocol:
        answer = f"{layout.wrapper}/{layout.protocol}"
        found += [answer, f"{answer}/cStat", f"{answer}/tpAmb", f"{answer}/{layout.protocol_key}"]
    return found
