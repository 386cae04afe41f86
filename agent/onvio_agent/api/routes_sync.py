"""The delivery of fiscal documents: at a glance, its clients, its documents."""

from __future__ import annotations

from urllib.parse import unquote

from starlette.requests import Request
from starlette.routing import Route

from onvio_agent.actions import sync_documents as actions
from onvio_agent.api.answers import carry_out, route
from onvio_agent.api.bodies import (
    AddDocument,
    AddSyncClient,
    CancelDocument,
    ChangeSyncClient,
    RetryDocuments,
    body_of,
)
from onvio_agent.api.parts import Parts
from onvio_agent.api.sync_shapes import (
    client_row,
    document_detail,
    document_line,
    document_row,
    overview,
)
from onvio_agent.contract.sync import DocumentContent, DocumentPage
from onvio_agent.errors import WrongUsage
from onvio_agent.store.sync_base import DocumentState

PAGE_MAX = 1_000
"""Documents of one answer."""


def routes(parts: Parts) -> list[Route]:
    """All of them."""
    clients, documents = "/v1/sync/clients", "/v1/sync/documents"
    return [
        route(parts, "GET", "/v1/sync", _overview),
        route(parts, "POST", clients, _add_client, status=201),
        route(parts, "PUT", clients + "/{name}", _change_client),
        route(parts, "DELETE", clients + "/{name}", _remove_client),
        route(parts, "GET", documents, _list),
        route(parts, "POST", documents, _add_document, status=201),
        route(parts, "GET", documents + "/{sha256}", _show),
        route(parts, "GET", documents + "/{sha256}/content", _content),
        route(parts, "POST", "/v1/sync/retry", _retry),
        route(parts, "POST", "/v1/sync/cancel", _cancel),
    ]


async def _overview(parts: Parts, _request: Request) -> object:
    return await overview(parts.desk)


async def _add_client(parts: Parts, request: Request) -> object:
    body = await body_of(request, AddSyncClient)
    actor = parts.actor(request)
    work = actions.add_client(parts.desk, actor, body.name, body.cnpj, body.key, body.folder)
    return client_row(parts.desk, await carry_out(parts, "add_client", work))


async def _change_client(parts: Parts, request: Request) -> object:
    body = await body_of(request, ChangeSyncClient)
    actor, name = parts.actor(request), _name(request)
    work = actions.set_client_paused(parts.desk, actor, name, paused=body.paused)
    return client_row(parts.desk, await carry_out(parts, "change_client", work))


async def _remove_client(parts: Parts, request: Request) -> object:
    work = actions.remove_client(parts.desk, parts.actor(request), _name(request))
    return await carry_out(parts, "remove_client", work)


async def _list(parts: Parts, request: Request) -> object:
    asked = request.query_params
    state, client = asked.get("state"), asked.get("client")
    if state is not None and state not in list(DocumentState):
        raise WrongUsage("request.invalid", detail="state")
    limit = min(_number(asked.get("limit", str(PAGE_MAX)), "limit"), PAGE_MAX)
    found = await parts.desk.store.sync.documents(
        after_id=_number(asked.get("after", "0"), "after"),
        limit=limit,
        state=state,
        client_id=None if client is None else actions.sync_of(parts.desk).clients.named(client).id,
    )
    rows = tuple(document_line(parts.desk, document) for document in found)
    return DocumentPage(
        documents=rows, next=found[-1].id if len(found) == limit and found else None
    )


async def _add_document(parts: Parts, request: Request) -> object:
    body = await body_of(request, AddDocument)
    work = actions.add_document(parts.desk, body.client, body.name, body.data)
    return document_detail(parts.desk, await carry_out(parts, "add_document", work))


async def _show(parts: Parts, request: Request) -> object:
    found = await actions.find(parts.desk, request.path_params["sha256"])
    return [document_detail(parts.desk, document) for document in found]


async def _content(parts: Parts, request: Request) -> object:
    return DocumentContent(data=await actions.content(parts.desk, request.path_params["sha256"]))


async def _retry(parts: Parts, request: Request) -> object:
    body = await body_of(request, RetryDocuments)
    work = actions.retry(parts.desk, body.sha256, refused=body.refused, client_name=body.client)
    found = await carry_out(parts, "retry", work)
    return [document_row(parts.desk, document) for document in found]


async def _cancel(parts: Parts, request: Request) -> object:
    body = await body_of(request, CancelDocument)
    work = actions.cancel(parts.desk, body.sha256, sent=body.sent)
    found = await carry_out(parts, "cancel", work)
    return [document_row(parts.desk, document) for document in found]


def _number(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise WrongUsage("request.invalid", detail=name)
    return int(text)


def _name(request: Request) -> str:
    """The client's name in the path, decoded here and only here (see `auth.Gate`)."""
    try:
        return unquote(request.path_params["name"], errors="strict")
    except UnicodeDecodeError:
        raise WrongUsage("request.invalid", detail="name") from None
