"""The integration side of ONVIO's API: activation of a company's key, batches of documents.

One request each, no retries and nothing kept: who calls decides what an answer means for a document.
Answers are foreign: what is needed of them is checked, and their texts are cleaned.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from onvio_agent.onvio.answers import (
    Fields,
    explanation_of,
    failure,
    is_json,
    json_fields,
    json_object,
    unexpected,
)
from onvio_agent.onvio.errors import Denied, clean
from onvio_agent.onvio.transport import Pairs, Request, Response, Transport

INFO_PATH = "/dominio/integration/v1/activation/info"
ENABLE_PATH = "/dominio/integration/v1/activation/enable"
BATCHES_PATH = "/dominio/invoice/v3/batches"
KEY_HEADER = "x-integration-key"
_KEY_REFUSED = ("invalid key supplied", "client not enabled")
_BATCH_ID = re.compile(r"[0-9A-Za-z-]{1,64}")
_KEY_MAX = 4096


class KeyRefused(Denied):
    """ONVIO does not take this company's key, or not any more."""


class BatchUnknown(Denied):
    """ONVIO knows no such batch."""


class Activation(msgspec.Struct, frozen=True):
    """Whose key it is, as ONVIO says. Identities as they came; `raw`: the whole answer, as text."""

    office_name: str
    office_identity: str
    client_name: str
    client_identity: str
    raw: str


class Status(msgspec.Struct, frozen=True):
    """One of ONVIO's codes with its text."""

    code: str
    text: str


class Batch(msgspec.Struct, frozen=True):
    """A batch and what is told of its documents; `files` is empty at first."""

    id: str
    status: Status
    files: tuple[Status, ...]


class IntegrationApi:
    """Talks to the API through `transport`, `deadline_s` for each call. Raises `CloudError`s,
    `KeyRefused` and `BatchUnknown` among them; `TokenRefused` where the token is not taken.
    """

    def __init__(self, transport: Transport, *, deadline_s: float) -> None:
        self._transport = transport
        self._deadline_s = deadline_s

    async def info(self, token: str, key: str) -> Activation:
        """Whose key it is. `onvio.unexpected_answer` where no identity is told."""
        request = Request(target="api", method="GET", path=INFO_PATH, headers=_headers(token, key))
        fields = await self._fields(request)
        found = Activation(
            _text(fields, "accountOfficeName"),
            _text(fields, "accountOfficeNationalIdentity"),
            _text(fields, "clientName"),
            _text(fields, "clientNationalIdentity"),
            msgspec.json.encode(fields).decode(),
        )
        if not found.client_identity and not found.office_identity:
            raise unexpected(request, Response(200, {}, b""), "no identity")
        return found

    async def enable(self, token: str, key: str) -> str:
        """Swap the office's key for the integration key; ends the one before."""
        headers = _headers(token, key)
        request = Request(target="api", method="POST", path=ENABLE_PATH, headers=headers)
        fields = await self._fields(request)
        given = fields.get("integrationKey")
        if not isinstance(given, str) or not is_header_value(given):
            raise unexpected(request, Response(200, {}, b""), "no integrationKey")
        return given

    async def send(self, token: str, key: str, name: str, data: bytes, fence: bytes) -> Batch:
        """Send one document as it is. `fence`: random bytes for the parts' boundary."""
        boundary = fence.hex()
        request = Request(
            target="api",
            method="POST",
            path=BATCHES_PATH,
            headers=_headers(token, key),
            raw=multipart(boundary, name, data),
            raw_type=f"multipart/form-data; boundary={boundary}",
        )
        return _batch(request, await self._fields(request))

    async def look(self, token: str, key: str, batch_id: str) -> Batch:
        """What has become of a batch."""
        path = f"{BATCHES_PATH}/{batch_id}"
        request = Request(target="api", method="GET", path=path, headers=_headers(token, key))
        return _batch(request, await self._fields(request))

    async def _fields(self, request: Request) -> Fields:
        response = await self._transport.send(request, deadline_s=self._deadline_s)
        if 400 <= response.status < 500 and is_json(response):
            told = explanation_of(request, json_fields(response))
            refused = _definite(request, response.status, told)
            if refused is not None:
                raise refused
        if not 200 <= response.status < 300:
            raise failure(request, response)
        return json_object(request, response)


def is_header_value(text: str) -> bool:
    """Whether a key can travel in a header: visible ASCII, bounded."""
    return 0 < len(text) <= _KEY_MAX and all("!" <= char <= "~" for char in text)


def multipart(boundary: str, name: str, data: bytes) -> bytes:
    """The body of a batch: the document as it is, under `name`, and the query."""
    shown = "".join(char if char.isprintable() and char not in '"\\' else "_" for char in name)
    head = (
        f"--{boundary}\r\n"
        f'Content-Disposition: form-data; name="file[]"; filename="{shown}"\r\n'
        "Content-Type: application/xml\r\n\r\n"
    )
    tail = (
        f"\r\n--{boundary}\r\n"
        'Content-Disposition: form-data; name="query"\r\n'
        "Content-Type: application/json\r\n\r\n"
        '{"boxeFile": false}'
        f"\r\n--{boundary}--\r\n"
    )
    return head.encode() + data + tail.encode()


def _headers(token: str, key: str) -> Pairs:
    return (("authorization", f"Bearer {token}"), (KEY_HEADER, key))


def _definite(request: Request, status: int, told: str) -> Denied | None:
    """What only the text tells: ONVIO has no codes for these."""
    if any(text in told.casefold() for text in _KEY_REFUSED):
        return KeyRefused("sync.key_refused", error=told, detail=told, target="api")
    if status == 404 and request.path.startswith(f"{BATCHES_PATH}/"):
        return BatchUnknown("sync.batch_unknown", error=told, detail=told, target="api")
    return None


def _batch(request: Request, fields: Fields) -> Batch:
    batch_id, status = fields.get("id"), _status(fields.get("status"))
    if not isinstance(batch_id, str) or not _BATCH_ID.fullmatch(batch_id) or status is None:
        raise unexpected(request, Response(200, {}, b""), "no batch")
    expanded = fields.get("filesExpanded")
    items: Sequence[object] = expanded if isinstance(expanded, list) else ()
    files = [_status(item.get("apiStatus")) for item in items if isinstance(item, dict)]
    return Batch(batch_id, status, tuple(file for file in files if file is not None))


def _status(value: object) -> Status | None:
    if not isinstance(value, dict) or not isinstance(value.get("code"), str):
        return None
    text = value.get("message")
    return Status(clean(value["code"])[:20], clean(text) if isinstance(text, str) else "")


def _text(fields: Fields, key: str) -> str:
    value = fields.get(key)
    return clean(value) if isinstance(value, str) else ""
