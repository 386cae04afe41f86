"""One valid document of every kind, and every kind of defect with the reason that names it.

Why: the checks and the whole way to ONVIO are tested with the same documents.
It must not be imported by production code, and takes nothing from the code that it tests.
"""

from __future__ import annotations

from onvio_agent.sync.kinds import DocumentKind
from support.deliveries import OFICINA, PADARIA, SUPPLIER, access_key, check_digit, nfe

_CTE = "http://www.portalfiscal.inf.br/cte"


def cte(
    number: int,
    *,
    payer: str = PADARIA,
    model: str = "57",
    root: str = "CTe",
    wrapper: str = "cteProc",
) -> bytes:
    """An authorised freight bill that `payer` takes part in."""
    key = access_key(number, model=model)
    part = "rem" if root in ("CTe", "GTVe") else "toma"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<{wrapper} xmlns="{_CTE}" versao="4.00"><{root}><infCte versao="4.00" Id="CTe{key}"><ide><cUF>43</cUF>\
<mod>{model}</mod><serie>1</serie><nCT>{number}</nCT><dhEmi>2026-11-20T10:00:00-03:00</dhEmi>\
<tpEmis>1</tpEmis><tpAmb>1</tpAmb></ide><emit><CNPJ>{SUPPLIER}</CNPJ></emit>\
<{part}><CNPJ>{payer}</CNPJ></{part}></infCte></{root}><protCTe><infProt><tpAmb>1</tpAmb>\
<chCTe>{key}</chCTe><cStat>100</cStat></infProt></protCTe></{wrapper}>""".encode()


def nfse(number: int, *, cnpj: str = PADARIA) -> bytes:
    """A national service note."""
    text = f"431490212{SUPPLIER}{number:013d}2611{number:09d}"
    key = text + check_digit(text)
    return f"""<?xml version="1.0" encoding="utf-8"?>
<NFSe versao="1.00" xmlns="http://www.sped.fazenda.gov.br/nfse"><infNFSe Id="NFS{key}"><nNFSe>{number}</nNFSe>\
<emit><CNPJ>{SUPPLIER}</CNPJ></emit><DPS><infDPS><tpAmb>1</tpAmb><prest><CNPJ>{SUPPLIER}</CNPJ></prest>\
<toma><CNPJ>{cnpj}</CNPJ></toma></infDPS></DPS></infNFSe></NFSe>""".encode()


def nfse_abrasf(number: int, *, cnpj: str = PADARIA) -> bytes:
    """A service note of a city."""
    return f"""<CompNfse xmlns="http://www.abrasf.org.br/nfse.xsd"><Nfse><InfNfse><Numero>{number}</Numero>\
<PrestadorServico><IdentificacaoPrestador><Cnpj>{SUPPLIER}</Cnpj></IdentificacaoPrestador></PrestadorServico>\
<TomadorServico><CpfCnpj><Cnpj>{cnpj}</Cnpj></CpfCnpj></TomadorServico></InfNfse></Nfse></CompNfse>""".encode()


def cfe(number: int, *, cnpj: str = PADARIA) -> bytes:
    """A receipt of a SAT device."""
    text = f"352611{cnpj}59000012345{number:06d}{number:06d}"
    key = text + check_digit(text)
    return f"""<CFe><infCFe Id="CFe{key}" versao="0.08"><ide><cUF>35</cUF><mod>59</mod><nserieSAT>000012345</nserieSAT>\
<nCFe>{number:06d}</nCFe><tpAmb>1</tpAmb></ide><emit><CNPJ>{cnpj}</CNPJ></emit></infCFe></CFe>""".encode()


def settlement(number: int) -> bytes:
    """A payment."""
    return f"""<Baixas><infBaixas versao="1.00"><parcela><numero>{number}</numero></parcela></infBaixas></Baixas>""".encode()


def nfce(number: int) -> bytes:
    """A receipt of a shop."""
    key = access_key(number, model="65")
    return nfe(number, key=key).replace(b"<mod>55<", b"<mod>65<")


KINDS: dict[DocumentKind, bytes] = {
    DocumentKind.NFE: nfe(1),
    DocumentKind.NFCE: nfce(1),
    DocumentKind.CTE: cte(1),
    DocumentKind.CTE_OS: cte(1, model="67", root="CTeOS", wrapper="cteOSProc"),
    DocumentKind.GTVE: cte(1, model="64", root="GTVe", wrapper="GTVeProc"),
    DocumentKind.CTE_SIMPLIFIED: cte(1, root="CTeSimp", wrapper="cteSimpProc"),
    DocumentKind.NFSE: nfse(1),
    DocumentKind.NFSE_ABRASF: nfse_abrasf(1),
    DocumentKind.CFE: cfe(1),
    DocumentKind.SETTLEMENT: settlement(1),
}


def defects(number: int) -> dict[str, tuple[bytes, str]]:
    """Each kind of defect: the bytes of one document that has it, and the code that names it."""
    good, key = nfe(number), access_key(number)
    text = good.decode()
    wrong_digit = key[:-1] + str((int(key[-1]) + 1) % 10)
    nobody = access_key(number, cnpj="11222333000182")
    deep = b"<a>" * 5_000 + b"</a>" * 5_000
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><a>&b;</a>'
    outside = (
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
    )
    unique = f"<!-- {number} -->".encode()
    return {
        "empty": (b" " * (number % 1000) + b"\n", "sync.empty"),
        "no XML": (b"%PDF-1.7 " + unique, "sync.malformed"),
        "cut short": (good[: len(good) * 2 // 3], "sync.malformed"),
        "a NUL inside": (good.replace(b"Venda", b"Ven\0da"), "sync.malformed"),
        "bytes that are no UTF-8": (good.replace(b"Venda", b"Vend\xe3"), "sync.malformed"),
        "UTF-16": (text.replace("UTF-8", "UTF-16").encode("utf-16"), "sync.encoding"),
        "an unknown encoding": (good.replace(b'"UTF-8"', b'"UTF-7"'), "sync.encoding"),
        "an entity bomb": (bomb + unique, "sync.entities"),
        "an external entity": (outside + unique, "sync.entities"),
        "too deep": (deep + unique, "sync.too_complex"),
        "another document": (f'<html><body>{number}</body></html>'.encode(), "sync.kind"),
        "another namespace": (good.replace(b"portalfiscal.inf.br/nfe", b"example.org/nfe"), "sync.kind"),
        "no key": (good.replace(f' Id="NFe{key}"'.encode(), b""), "sync.key_missing"),
        "a short key": (good.replace(key.encode(), key[:-1].encode()), "sync.key_shape"),
        "a wrong check digit": (good.replace(key.encode(), wrong_digit.encode()), "sync.key_digit"),
        "an impossible issuer": (nfe(number, issuer="11222333000182", key=nobody), "sync.key_company"),
        "another number inside": (
            good.replace(f"<nNF>{number}<".encode(), f"<nNF>{number + 1}<".encode()),
            "sync.key_contents",
        ),
        "no protocol": ((text[: text.index("<protNFe")] + "</nfeProc>").encode(), "sync.protocol_missing"),
        "denied": (good.replace(b"<cStat>100<", b"<cStat>110<"), "sync.not_authorised"),
        "another's protocol": (
            good.replace(f"<chNFe>{key}".encode(), f"<chNFe>{access_key(number + 1)}".encode()),
            "sync.protocol_key",
        ),
        "a test note": (good.replace(b"<tpAmb>1<", b"<tpAmb>2<"), "sync.test_environment"),
        "another company's": (nfe(number, cnpj=OFICINA), "sync.other_company"),
    }  # fmt: skip
