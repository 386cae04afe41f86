"""The simulated ONVIO interface as a program sees it: activation of a company, batches of documents.

Why: the delivery has to meet every code and every wording that ONVIO is known to answer with.
It must not keep state of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import msgspec

from onvio_agent.simulator.integration import Batch
from onvio_agent.simulator.multipart import read_multipart
from onvio_agent.simulator.seed import Client
from onvio_agent.simulator.tokens import looks_like_access
from onvio_agent.simulator.user_api import problem
from onvio_agent.simulator.wire import (
    CloudRequest,
    CloudResponse,
    Trace,
    fingerprint,
    json_answer,
    read_bearer,
)
from onvio_agent.simulator.world import World

INFO_PATH = "/dominio/integration/v1/activation/info"
ENABLE_PATH = "/dominio/integration/v1/activation/enable"
BATCHES_PATH = "/dominio/invoice/v3/batches"
PREFIXES = ("/dominio/integration/v1/", "/dominio/invoice/v3/")
KEY_HEADER = "x-integration-key"
_ONE_BATCH = re.compile(re.escape(BATCHES_PATH) + r"/([0-9a-f]{32})")
_ACCESS_KEY = re.compile(rb'\bId\s*=\s*["\'](?:NFe|CTe|CFe|NFS)([0-9A-Z]{44,50})["\']')
_CNPJ = re.compile(rb"<(?:\w+:)?[Cc][Nn][Pp][Jj]>\s*([0-9A-Z]{14})\s*</")
_TEXTS = {
    "S1": "Aguardando processamento.",
    "S2": "Processado.",
    "E2": "Lote rejeitado.",
    "SA1": "Aguardando armazenamento na API.",
    "SA2": "Arquivo armazenado na API.",
    "EA10": "Arquivo já existe na API.",
    "EA13": "Nenhuma empresa encontrada para o arquivo.",
}

_Handler = Callable[[CloudRequest, Trace], CloudResponse]


class IntegrationApi:
    """Answers what is asked of the target `api` with a program's token and a company's key."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._routes: dict[str, tuple[str, _Handler]] = {
            INFO_PATH: ("GET", self._info),
            ENABLE_PATH: ("POST", self._enable),
            BATCHES_PATH: ("POST", self._send),
        }

    def answer(self, request: CloudRequest, trace: Trace) -> CloudResponse:
        """The answer to one request."""
        route = self._routes.get(request.path)
        if route is None and _ONE_BATCH.fullmatch(request.path):
            route = ("GET", self._look)
        if route is None:
            return self._problem(request, trace, 404, "No such resource.")
        method, handler = route
        if request.method != method:
            return self._problem(request, trace, 405, "Method not allowed.", {"allow": method})
        return self._authenticate(request, trace) or handler(request, trace)

    def _authenticate(self, request: CloudRequest, trace: Trace) -> CloudResponse | None:
        token = read_bearer(request)
        if token is None:
            challenge = {"www-authenticate": "Bearer"}
            return self._problem(request, trace, 401, "Access token is missing.", challenge)
        trace.token_fingerprint = fingerprint(token)
        if not looks_like_access(token):
            text = "Failed to decode invalid or incorrectly formatted token."
            return self._problem(request, trace, 400, text)
        expires_at = self._world.integration.state.tokens.get(token)
        challenge = {"www-authenticate": 'Bearer error="invalid_token"'}
        if expires_at is None:
            return self._problem(request, trace, 401, "Invalid token", challenge)
        if self._world.now() >= expires_at:
            return self._problem(request, trace, 401, "Token has expired", challenge)
        return None

    def _info(self, request: CloudRequest, trace: Trace) -> CloudResponse:
        client = self._by_office_key(request)
        if client is None:
            return self._problem(request, trace, 400, "Invalid Key supplied")
        office = self._world.office
        return json_answer(
            200,
            {
                "accountOfficeName": office.name,
                "accountOfficeNationalIdentity": office.cnpj,
                "clientName": client.name,
                "clientNationalIdentity": client.cnpj,
            },
        )

    def _enable(self, request: CloudRequest, trace: Trace) -> CloudResponse:
        client = self._by_office_key(request)
        if client is None:
            return self._problem(request, trace, 400, "Invalid Key supplied")
        key = f"ik.{self._world.rng.getrandbits(128):032x}"
        self._world.integration.enable(client.cnpj, key)
        self._world.changed()
        return json_answer(200, {"integrationKey": key})

    def _send(self, request: CloudRequest, trace: Trace) -> CloudResponse:
        cnpj = self._company(request, trace)
        if isinstance(cnpj, CloudResponse):
            return cnpj
        try:
            data, boxe = _read_batch(request)
        except ValueError as error:
            return self._problem(request, trace, 400, f"Malformed batch: {error}")
        batch = self._world.integration.receive(
            f"{self._world.rng.getrandbits(128):032x}",
            cnpj,
            sha256(data).hexdigest(),
            _access_key(data),
            _deserved(data, cnpj),
            self._world.now(),
        )
        self._world.changed()
        return json_answer(201, _show(batch, batch.received_at, expanded=False, boxe=boxe))

    def _look(self, request: CloudRequest, trace: Trace) -> CloudResponse:
        cnpj = self._company(request, trace)
        if isinstance(cnpj, CloudResponse):
            return cnpj
        match = _ONE_BATCH.fullmatch(request.path)
        batch = self._world.integration.state.batches.get(match[1]) if match else None
        if batch is None or batch.client != cnpj:
            return self._problem(request, trace, 404, "Batch not found.")
        return json_answer(200, _show(batch, self._world.now(), expanded=True, boxe=False))

    def _company(self, request: CloudRequest, trace: Trace) -> str | CloudResponse:
        """The CNPJ that the request's key stands for."""
        key = request.headers.get(KEY_HEADER, "")
        cnpj = self._world.integration.state.keys.get(key)
        if cnpj is not None:
            return cnpj
        known = self._by_office_key(request) is not None
        text = "Client Not Enabled" if known else "Invalid Key supplied"
        return self._problem(request, trace, 403 if known else 400, text)

    def _by_office_key(self, request: CloudRequest) -> Client | None:
        key = request.headers.get(KEY_HEADER)
        if not key:
            return None
        return next((c for c in self._world.clients if c.office_key == key), None)

    def _problem(
        self,
        request: CloudRequest,
        trace: Trace,
        status: int,
        detail: str,
        headers: dict[str, str] | None = None,
    ) -> CloudResponse:
        trace.error = detail
        return problem(self._world, request.path, status, detail, headers)


def _read_batch(request: CloudRequest) -> tuple[bytes, bool]:
    """The document's bytes, and whether BOX-e is asked for. Raises ValueError."""
    parts = read_multipart(request.headers.get("content-type", ""), request.body)
    files = [part for part in parts if part.name == "file[]"]
    queries = [part for part in parts if part.name == "query"]
    if len(files) != 1 or files[0].file_name is None or files[0].kind != "application/xml":
        raise ValueError("one `file[]` with a file name and the type application/xml is needed")
    if len(queries) != 1 or queries[0].file_name is not None:
        raise ValueError("one `query` without a file name is needed")
    try:
        query = msgspec.json.decode(queries[0].data, type=dict[str, bool])
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ValueError("`query` must be a JSON object") from error
    return files[0].data, query.get("boxeFile", False)


def _access_key(data: bytes) -> str | None:
    found = _ACCESS_KEY.search(data)
    return found[1].decode("ascii") if found else None


def _deserved(data: bytes, cnpj: str) -> str:
    """What a document ends in that nobody has sent before."""
    if not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return "E2"
    named = _CNPJ.findall(data)  # a settlement names nobody
    return "SA2" if not named or cnpj.encode("ascii") in named else "EA13"


def _show(batch: Batch, now: float, *, expanded: bool, boxe: bool) -> dict[str, Any]:
    done = now >= batch.done_at
    rejected = batch.batch_code != "S2"
    code = batch.batch_code if rejected or (done and expanded) else "S1"
    files: list[dict[str, Any]] = []
    if expanded and not rejected:
        at = _zoneless(batch.done_at if done else batch.received_at)
        files.append(
            {
                "apiStatus": _status(batch.file_code if done else "SA1"),
                "boxeStatus": {"code": "SB2", "message": "Não será enviado ao BOX-e."},
                "lastApiStatusOn": at,
                "lastBoxeStatusOn": at,
            }
        )
    return {
        "type": "batchV2Dto",
        "apiVersion": "v2",
        "boxeFile": boxe,
        "filesExpanded": files,
        "id": batch.id,
        "lastStatusOn": _zoneless(batch.done_at if done else batch.received_at),
        "status": _status(code),
    }


def _status(code: str) -> dict[str, str]:
    return {"code": code, "message": _TEXTS.get(code, f"Situação {code}.")}


def _zoneless(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
