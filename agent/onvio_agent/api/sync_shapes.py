"""The delivery as the API shows it: rows with sentences in the agent's language."""

from __future__ import annotations

from onvio_agent.actions.desk import Desk
from onvio_agent.actions.sync_documents import sync_of
from onvio_agent.clock import Now
from onvio_agent.contract import reasons
from onvio_agent.contract.status import IntentState
from onvio_agent.contract.sync import (
    ClientRow,
    DocumentDetail,
    DocumentLine,
    DocumentRow,
    Held,
    LeftFiles,
    SyncOverview,
)
from onvio_agent.errors import fill
from onvio_agent.i18n import _
from onvio_agent.onvio.token_budget import asked_today
from onvio_agent.plain_text import clean, escape
from onvio_agent.store.sync_base import FINISHED, SyncClient, SyncDocument


async def overview(desk: Desk) -> SyncOverview:
    """The delivery at this instant."""
    sync, now = sync_of(desk), desk.clock.now()
    return SyncOverview(
        is_on=sync.is_on,
        counts=await sync.status(),
        held=_held(desk, now) if sync.is_on else None,
        tokens_today=asked_today(await desk.store.sync.token_requests(), now),
        clients=tuple(client_row(desk, client) for client in sync.clients.everyone()),
    )


def _held(desk: Desk, now: Now) -> Held | None:
    """A person's pause, or what the delivery itself waits for."""
    intent, held = desk.hub.intent, sync_of(desk).holds.any()
    if intent.state is IntentState.PAUSED:
        reason, until = "paused", intent.until
    elif held is not None:
        reason, until = held.reason, now.wall_at(held.until)
    else:
        return None
    title, next_step = sentences(reason, {})
    return Held(reason=reason, title=title, next_step=next_step, until=until)


def client_row(desk: Desk, client: SyncClient) -> ClientRow:
    """One company, with what is in its way."""
    sync = sync_of(desk)
    reason = client.trouble or sync.inbox.troubles.get(client.id)
    reason = reason or sync.placing.troubles.get(client.id)
    title, next_step = sentences(reason, {}) if reason else (None, None)
    return ClientRow(
        name=client.name,
        cnpj=client.cnpj,
        folder=client.folder,
        paused=client.paused,
        reason=reason,
        title=title,
        next_step=next_step,
        left=_left(desk, client),
        added_at=client.added_at,
    )


def _left(desk: Desk, client: SyncClient) -> tuple[LeftFiles, ...]:
    left = sync_of(desk).inbox.leftovers.get(client.id)
    found = []
    for code, kind in left.kinds.items() if left else ():
        example = clean(escape(kind.example))
        title, next_step = sentences(code, {"count": str(kind.count), "example": example})
        found.append(
            LeftFiles(
                reason=code, count=kind.count, example=example, title=title, next_step=next_step
            )
        )
    return tuple(found)


def document_row(desk: Desk, document: SyncDocument) -> DocumentRow:
    """What programs read of it."""
    return DocumentRow(**_row(desk, document))  # type: ignore[arg-type]  # the same names


def document_line(desk: Desk, document: SyncDocument) -> DocumentLine:
    """One line of the list."""
    title, _next_step = _told(document)
    return DocumentLine(**_row(desk, document), title=title)  # type: ignore[arg-type]  # the same names


def document_detail(desk: Desk, document: SyncDocument) -> DocumentDetail:
    """All that is known of it."""
    title, next_step = _told(document)
    waits = document.state not in FINISHED and document.due_mono > desk.clock.mono()
    return DocumentDetail(
        **_row(desk, document),  # type: ignore[arg-type]  # the same names
        title=title,
        next_step=next_step,
        code=document.fields.get("code"),
        text=document.fields.get("text"),
        retry_at=desk.clock.now().wall_at(document.due_mono) if waits else None,
    )


def sentences(code: str, fields: dict[str, str]) -> tuple[str, str]:
    """Title and next step of a reason."""
    reason = reasons.get(code)
    return fill(_(reason.title), fields), fill(_(reason.next_step), fields)


def _told(document: SyncDocument) -> tuple[str, str] | tuple[None, None]:
    return sentences(document.reason, dict(document.fields)) if document.reason else (None, None)


def _row(desk: Desk, document: SyncDocument) -> dict[str, object]:
    client = sync_of(desk).clients.get(document.client_id)
    return {
        "sha256": document.sha256,
        "file": document.name,
        "client": client.name if client else "",
        "kind": document.kind,
        "access_key": document.access_key,
        "state": document.state.value,
        "reason": document.reason,
        "batch_id": document.batch_id,
        "attempts": document.attempts,
        "queued_at": document.queued_at,
        "finished_at": document.finished_at,
    }
