"""Invoices for the benchmark: as large as an office's are, each with an access key of its own."""

from __future__ import annotations

import os
import time
from base64 import b64encode
from hashlib import sha512
from pathlib import Path

COMPANY, OTHER_COMPANY = "12ABC34501DE35", "45723174000110"
_ISSUER = "11222333000181"
_ITEMS = 8
_AGE_S = 600.0  # as a folder that was filled a while ago
_ITEM = (
    "<prod><cProd>{at:05d}</cProd><cEAN>SEM GTIN</cEAN><xProd>Farinha de trigo tipo {at}</xProd>"
    "<NCM>11010010</NCM><CFOP>5102</CFOP><uCom>SC</uCom><qCom>4.0000</qCom>"
    "<vUnCom>98.5000000000</vUnCom><vProd>394.00</vProd><indTot>1</indTot></prod><imposto><ICMS>"
    "<ICMS00><orig>0</orig><CST>00</CST><modBC>3</modBC><vBC>394.00</vBC><pICMS>12.0000</pICMS>"
    "<vICMS>47.28</vICMS></ICMS00></ICMS><PIS><PISAliq><CST>01</CST><vBC>394.00</vBC>"
    "<pPIS>1.6500</pPIS><vPIS>6.50</vPIS></PISAliq></PIS></imposto>"
)


def invoice(number: int, company: str = COMPANY) -> bytes:
    """An authorised NF-e of some 8 KB to `company`, whose checks find nothing."""
    key = _key(number)
    items = "".join(f'<det nItem="{at}">{_ITEM.format(at=at)}</det>' for at in range(1, _ITEMS + 1))
    signed = b64encode(sha512(key.encode()).digest() * 4).decode()
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<nfeProc xmlns="http://www.portalfiscal.inf.br/nfe" versao="4.00"><NFe><infNFe Id="NFe{key}" versao="4.00">\
<ide><cUF>43</cUF><cNF>{number % 10**8:08d}</cNF><natOp>Venda</natOp><mod>55</mod><serie>1</serie>\
<nNF>{number}</nNF><dhEmi>2026-11-20T10:00:00-03:00</dhEmi><tpEmis>1</tpEmis><cDV>{key[-1]}</cDV>\
<tpAmb>1</tpAmb></ide><emit><CNPJ>{_ISSUER}</CNPJ><xNome>Moinho São João Ltda</xNome></emit>\
<dest><CNPJ>{company}</CNPJ><xNome>Padaria Pão da Serra</xNome></dest>{items}</infNFe>\
<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignatureValue>{signed}</SignatureValue>\
<KeyInfo><X509Data><X509Certificate>{signed * 4}</X509Certificate></X509Data></KeyInfo></Signature></NFe>\
<protNFe versao="4.00"><infProt><tpAmb>1</tpAmb><chNFe>{key}</chNFe><nProt>143260000000001</nProt>\
<cStat>100</cStat><xMotivo>Autorizado o uso da NF-e</xMotivo></infProt></protNFe></nfeProc>
""".encode()


def fill(folder: Path, files: int) -> None:
    """Put `files` invoices into `folder`, in sub-folders by month as programs export them."""
    then = time.time() - _AGE_S
    for number in range(1, files + 1):
        path = folder / f"2026-{number % 12 + 1:02d}" / f"{number}.xml"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(invoice(number))
        os.utime(path, (then, then))


def _key(number: int) -> str:
    text = f"432611{_ISSUER}55001{number:09d}1{number % 10**8:08d}"
    total = sum((ord(char) - 48) * (2 + at % 8) for at, char in enumerate(reversed(text)))
    return text + str((0, 0, *range(9, 0, -1))[total % 11])
