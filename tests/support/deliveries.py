"""Documents and batches for tests: a valid NF-e for any number, and what a program asks ONVIO.

Why: what is delivered must be a document as offices have them, made anew for each test.
It must not be imported by production code.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from onvio_agent.simulator.wire import CloudRequest, CloudResponse
from support.cloud import FORM, DirectCloud, read
from support.sim import CLIENT_ID

SECRET = "segredo-da-integracao"
PADARIA = "12ABC34501DE35"
OFICINA = "45723174000110"
SUPPLIER = "11222333000181"
AUDIENCE = "409f91f6-dc17-44c8-a5d8-e0a1bafd8b67"
INFO = "/dominio/integration/v1/activation/info"
ENABLE = "/dominio/integration/v1/activation/enable"
BATCHES = "/dominio/invoice/v3/batches"
BOUNDARY = "b"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"


def check_digit(text: str) -> str:
    """The digit that closes an access key: weights 2 to 9 from the right."""
    total = sum((ord(char) - 48) * (2 + at % 8) for at, char in enumerate(reversed(text)))
    rest = total % 11
    return "0" if rest < 2 else str(11 - rest)


def access_key(number: int, *, cnpj: str = SUPPLIER, model: str = "55", month: str = "2611") -> str:
    """A valid 44-character key."""
    text = f"43{month}{cnpj}{model}001{number:09d}1{number % 10**8:08d}"
    return text + check_digit(text)


def nfe(
    number: int, *, cnpj: str = PADARIA, issuer: str = SUPPLIER, note: str = "", **changes: str
) -> bytes:
    """An authorised NF-e from `issuer` to `cnpj`. `changes` replaces single pieces of its text."""
    key = changes.get("key", access_key(number, cnpj=issuer))
    text = f"""<?xml version="1.0" encoding="UTF-8"?>
<nfeProc xmlns="http://www.portalfiscal.inf.br/nfe" versao="4.00"><NFe><infNFe Id="NFe{key}" versao="4.00">\
<ide><cUF>43</cUF><cNF>{number % 10**8:08d}</cNF><natOp>Venda</natOp><mod>55</mod><serie>1</serie>\
<nNF>{number}</nNF><dhEmi>2026-11-20T10:00:00-03:00</dhEmi><tpEmis>1</tpEmis><cDV>{key[-1]}</cDV>\
<tpAmb>1</tpAmb></ide><emit><CNPJ>{issuer}</CNPJ><xNome>Moinho São João Ltda</xNome></emit>\
<dest><CNPJ>{cnpj}</CNPJ><xNome>Padaria Pão da Serra</xNome></dest>\
<infAdic><infCpl>{note}</infCpl></infAdic></infNFe></NFe>\
<protNFe versao="4.00"><infProt><tpAmb>1</tpAmb><chNFe>{key}</chNFe><nProt>143260000000001</nProt>\
<cStat>100</cStat><xMotivo>Autorizado o uso da NF-e</xMotivo></infProt></protNFe></nfeProc>
"""
    return text.encode()


def multipart(parts: Sequence[tuple[str, str | None, str, bytes]]) -> bytes:
    """Name, file name, media type and bytes of each part as one body, fenced by BOUNDARY."""
    body = b""
    for name, file_name, kind, data in parts:
        of_file = "" if file_name is None else f'; filename="{file_name}"'
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{of_file}\r\n'
        body += f"{head}Content-Type: {kind}\r\n\r\n".encode() + data + b"\r\n"
    return body + f"--{BOUNDARY}--\r\n".encode()


def ask_token(sim: DirectCloud, **fields: str) -> CloudResponse:
    """A program's token, with the right secret and audience unless given."""
    form = {
        "grant_type": "client_credentials",
        "client_id": CLIENT_ID,
        "client_secret": SECRET,
        "audience": AUDIENCE,
    }
    return sim.ask(
        "auth", "POST", "/oauth/token", urlencode(form | fields), content_type=FORM["content-type"]
    )


def enabled(sim: DirectCloud, token: str, office_key: str = "chave-1") -> str:
    """A new integration key of the company that the office's key stands for."""
    answer = sim.ask(
        "api", "POST", ENABLE, authorization=f"Bearer {token}", x_integration_key=office_key
    )
    return str(read(answer)["integrationKey"])


def send(
    sim: DirectCloud, token: str, key: str, data: bytes, *, raw: bool = False
) -> CloudResponse:
    """One batch with one document; `raw`: `data` is the whole body."""
    body = data
    if not raw:
        query = b'{"boxeFile": false}'
        parts: list[tuple[str, str | None, str, bytes]] = [
            ("file[]", "nota.xml", "application/xml", data),
            ("query", None, "application/json", query),
        ]
        body = multipart(parts)
    headers = _headers(token, key) | {"content-type": MULTIPART}
    return sim.cloud.handle(CloudRequest("api", "POST", BATCHES, "", headers, body))


def look(sim: DirectCloud, token: str, key: str, batch_id: str) -> CloudResponse:
    """What has become of a batch."""
    path = f"{BATCHES}/{batch_id}"
    return sim.cloud.handle(CloudRequest("api", "GET", path, "", _headers(token, key)))


def _headers(token: str, key: str) -> dict[str, Any]:
    return {"authorization": f"Bearer {token}", "x-integration-key": key}
