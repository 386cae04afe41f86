"""What a person asks of the delivery: clients added, paused and removed; documents given, tried again,
cancelled. Clients are the Gerente's; documents are everybody's who sits here.
"""

from __future__ import annotations

from collections.abc import Sequence

from onvio_agent.actions.desk import Actor, Desk
from onvio_agent.errors import Refused
from onvio_agent.plain_text import clean
from onvio_agent.store.sync_base import DocumentState, Intake, SyncClient, SyncDocument
from onvio_agent.sync.document import BYTES_MAX
from onvio_agent.sync.intake import document as checked
from onvio_agent.sync.service import Sync

_NAME_MAX = 200
_PAGE = 500
_SHA256_MIN = 8
_DELIVERED = (DocumentState.STORED, DocumentState.DUPLICATE)
_BY_A_PERSON = ("sync.cancelled", "sync.given_up")
"""Why a document lies in `rejeitados` although nobody has found anything wrong with it."""


def sync_of(desk: Desk) -> Sync:
    """The delivery of a desk that was put together."""
    if desk.sync is None:
        raise RuntimeError("the desk has no delivery")
    return desk.sync


async def add_client(
    desk: Desk, actor: Actor, name: str, cnpj: str, office_key: str, folder: str
) -> SyncClient:
    """Activate a company and begin to deliver for it."""
    desk.manager_only(actor)
    sync = sync_of(desk)
    sync.keeper.try_again()
    client = await sync.clients.add(name, cnpj, office_key, folder)
    await sync.try_again()
    return client


async def set_client_paused(desk: Desk, actor: Actor, name: str, *, paused: bool) -> SyncClient:
    """Send nothing for a company for now, or go on."""
    desk.manager_only(actor)
    client = await sync_of(desk).clients.set_paused(name, paused)
    sync_of(desk).wake()
    return client


async def remove_client(desk: Desk, actor: Actor, name: str) -> None:
    """Forget a company; refused while documents of it are under way."""
    desk.manager_only(actor)
    await sync_of(desk).clients.remove(name)
    sync_of(desk).changed()


async def add_document(desk: Desk, client_name: str, name: str, data: bytes) -> SyncDocument:
    """Take in a document that a person gives; its file stays where it is."""
    sync = sync_of(desk)
    client = sync.clients.named(client_name)
    if len(data) > BYTES_MAX:
        raise Refused("sync.document_too_large", mib=BYTES_MAX // 1024**2)
    shown = clean(name.replace("/", "_"))[-_NAME_MAX:] or "-"
    new = await desk.exec.run(lambda: checked(shown, data, client.cnpj))
    now = desk.clock.now()
    intake = Intake(file=None, documents=(new,))
    documents = await desk.store.sync.take(client.id, [intake], at=now.wall, mono=now.mono)
    sync.told(client, documents)
    return documents[0]


async def retry(
    desk: Desk, sha256: str | None = None, *, refused: bool = False, client_name: str | None = None
) -> Sequence[SyncDocument]:
    """Try at once what waits, and with `refused` what was refused by no person; `client_name`: of that one
    alone; `sha256`: that document, whether it waits or was refused."""
    sync, now = sync_of(desk), desk.clock.mono()
    client_id = sync.clients.named(client_name).id if client_name is not None else None
    found: list[SyncDocument] = []
    if sha256 is not None:
        found += await find(desk, sha256)
    else:
        found += await _all_in(desk, DocumentState.WAITING, client_id)
        if refused:
            every = await _all_in(desk, DocumentState.REFUSED, client_id)
            found += [document for document in every if document.reason not in _BY_A_PERSON]
    done = [await desk.store.sync.retry(document.id, mono=now) for document in found]
    tried = [document for document in done if document is not None]
    if sha256 is not None and not tried:
        raise _too_late("sync.not_retried", found)
    await sync.try_again()
    return tried


async def cancel(desk: Desk, sha256: str, *, sent: bool = False) -> Sequence[SyncDocument]:
    """Take a document back that was not sent yet; with `sent` give up one that may have arrived."""
    sync, at = sync_of(desk), desk.clock.wall()
    found = await find(desk, sha256)
    done = [await desk.store.sync.cancel(document.id, at=at, sent=sent) for document in found]
    cancelled = [document for document in done if document is not None]
    if not cancelled:
        raise _too_late("sync.not_cancelled", found)
    for document in cancelled:
        client = sync.clients.get(document.client_id)
        if client is not None:
            sync.told(client, [document])
            await sync.placing.put_away(client, [document.id])
    return cancelled


def _too_late(code: str, found: Sequence[SyncDocument]) -> Refused:
    """`code`, or that all of them were delivered."""
    delivered = all(document.state in _DELIVERED for document in found)
    return Refused("sync.delivered" if delivered else code, file=found[0].name)


async def find(desk: Desk, sha256: str) -> Sequence[SyncDocument]:
    """The documents whose hash begins so, all of one content. Raises `Refused`."""
    start = sha256.lower()
    found: Sequence[SyncDocument] = ()
    if len(start) >= _SHA256_MIN:
        found = await desk.store.sync.documents(after_id=0, limit=_PAGE, sha256=start)
    if not found:
        raise Refused("sync.document_unknown", sha256=clean(sha256)[:64])
    if any(document.sha256 != found[0].sha256 for document in found):
        raise Refused("sync.document_ambiguous", sha256=start)
    return found


async def content(desk: Desk, sha256: str) -> bytes:
    """What was taken in, byte for byte; refused where nothing found is kept of it any more."""
    found = await find(desk, sha256)
    for document in found:
        data = await desk.store.sync.content(document.id)
        if data is not None:
            return data
    raise Refused("sync.content_gone", file=found[0].name)


async def _all_in(desk: Desk, state: DocumentState, client_id: int | None) -> list[SyncDocument]:
    found: list[SyncDocument] = []
    while True:
        after_id = found[-1].id if found else 0
        page = await desk.store.sync.documents(
            after_id=after_id, limit=_PAGE, state=state, client_id=client_id
        )
        found += page
        if len(page) < _PAGE:
            return found
