"""The client's calls about the delivery of fiscal documents. Part of `client.py`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol
from urllib.parse import quote, urlencode

import msgspec

from onvio_agent.contract.sync import (
    ClientRow,
    DocumentContent,
    DocumentDetail,
    DocumentLine,
    DocumentPage,
    DocumentRow,
    SyncOverview,
)

_ACTIVATION_LIMIT_S = 90.0
_DOCUMENT_LIMIT_S = 30.0
_CLIENTS, _DOCUMENTS = "/v1/sync/clients", "/v1/sync/documents"


class Call(Protocol):
    """One call of the agent; the answer's body."""

    def __call__(
        self, method: str, path: str, body: object = None, limit_s: float = 10.0
    ) -> bytes: ...


class SyncCalls:
    """See docs/control-api.md. Calls raise what `client.Agent`'s do."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def overview(self) -> SyncOverview:
        """The delivery at a glance."""
        return msgspec.json.decode(self._call("GET", "/v1/sync"), type=SyncOverview)

    def add_client(self, name: str, cnpj: str, key: str, folder: str) -> ClientRow:
        """Activate a company."""
        body = {"name": name, "cnpj": cnpj, "key": key, "folder": folder}
        answer = self._call("POST", _CLIENTS, body, _ACTIVATION_LIMIT_S)
        return msgspec.json.decode(answer, type=ClientRow)

    def set_client_paused(self, name: str, *, paused: bool) -> ClientRow:
        """Send nothing for it for now, or go on."""
        answer = self._call("PUT", f"{_CLIENTS}/{quote(name, safe='')}", {"paused": paused})
        return msgspec.json.decode(answer, type=ClientRow)

    def remove_client(self, name: str) -> None:
        """Forget it."""
        self._call("DELETE", f"{_CLIENTS}/{quote(name, safe='')}")

    def documents(
        self, state: str | None = None, client: str | None = None
    ) -> Iterator[DocumentLine]:
        """All of them, in the order of their coming, page after page."""
        after: int | None = 0
        while after is not None:
            asked = {"after": after, "state": state, "client": client}
            query = urlencode({name: value for name, value in asked.items() if value is not None})
            page = msgspec.json.decode(
                self._call("GET", f"{_DOCUMENTS}?{query}"), type=DocumentPage
            )
            yield from page.documents
            after = page.next

    def document(self, sha256: str) -> list[DocumentDetail]:
        """All that is known of a content; several where several clients have it."""
        answer = self._call("GET", f"{_DOCUMENTS}/{quote(sha256, safe='')}")
        return msgspec.json.decode(answer, type=list[DocumentDetail])

    def content(self, sha256: str) -> bytes:
        """What was taken in, byte for byte."""
        answer = self._call(
            "GET", f"{_DOCUMENTS}/{quote(sha256, safe='')}/content", None, _DOCUMENT_LIMIT_S
        )
        return msgspec.json.decode(answer, type=DocumentContent).data

    def add_document(self, client: str, name: str, data: bytes) -> DocumentDetail:
        """Give one document."""
        body = {"client": client, "name": name, "data": data}
        answer = self._call("POST", _DOCUMENTS, body, _DOCUMENT_LIMIT_S)
        return msgspec.json.decode(answer, type=DocumentDetail)

    def retry(
        self, sha256: str | None = None, *, refused: bool = False, client: str | None = None
    ) -> list[DocumentRow]:
        """Try at once what waits, what was refused too, or one document."""
        body = {"sha256": sha256, "refused": refused, "client": client}
        answer = self._call("POST", "/v1/sync/retry", body, _DOCUMENT_LIMIT_S)
        return msgspec.json.decode(answer, type=list[DocumentRow])

    def cancel(self, sha256: str, *, sent: bool = False) -> list[DocumentRow]:
        """Take one back that was not sent yet; with `sent` also one that may have arrived."""
        answer = self._call("POST", "/v1/sync/cancel", {"sha256": sha256, "sent": sent})
        return msgspec.json.decode(answer, type=list[DocumentRow])
