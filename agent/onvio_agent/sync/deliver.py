"""Sends documents and asks what became of them, until each has come to its end.

Committed as `sending` first, then sent, then committed what came of it, together with the next one's
`sending`: a document whose answer was lost is sent again after a while, and ONVIO then says that it
is there. One request at a time for each client, in the order of the documents' coming; at most four
open requests in all. What is refused pauses by itself (`holds.py`). A store that cannot take a result
is asked until it can.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import msgspec

from onvio_agent.errors import StoreFailed, VaultFailed
from onvio_agent.onvio.errors import Busy, CloudError, NotSent, TokenRefused, Uncertain
from onvio_agent.onvio.integration_api import Batch, BatchUnknown, KeyRefused
from onvio_agent.store.sync_base import (
    FINISHED,
    DocumentState,
    Settlement,
    SyncClient,
    SyncDocument,
)
from onvio_agent.sync.clients import Clients
from onvio_agent.sync.holds import Holds, What
from onvio_agent.sync.keeper import NoToken, TokenKeeper
from onvio_agent.sync.outcome import beside, outcome_of, poll_wait_s, resend_wait_s
from onvio_agent.sync.parts import Parts

T = TypeVar("T")

OPEN_MAX = 4
"""Requests at once: half of the transport's places stay free for the people's own."""
_POLLS_AT_ONCE = 3
_POLLS_TOGETHER = 24
"""What is asked for before the answers are committed, all in one: a lost one is asked for again."""
_VAULT_WAIT_S = 30.0
_STORE_WAIT_S = 2.0
_TROUBLED_WAIT_S = 3600.0


class Delivery:
    """See the module docstring. `ended` is called with each document that has ended."""

    def __init__(
        self,
        parts: Parts,
        clients: Clients,
        keeper: TokenKeeper,
        holds: Holds,
        *,
        changed: Callable[[], None],
        ended: Callable[[SyncDocument], None],
    ) -> None:
        self._parts = parts
        self._clients = clients
        self._keeper = keeper
        self._holds = holds
        self._changed = changed
        self._ended = ended
        self._places = asyncio.Semaphore(OPEN_MAX)
        self._told: dict[int, tuple[str, str | None]] = {}  # what the log knows of those under way

    async def send_all(self, client_id: int) -> None:
        """Send what waits for that client, until nothing is left or something holds it back."""
        settlements: Sequence[Settlement] = ()
        while True:
            ready = await self._ready(client_id)
            claimed = await self._settle(settlements, claim_for=client_id if ready else None)
            if ready is None or claimed is None:
                return
            settlements = [await self._send(*ready, *claimed)]

    async def poll_all(self) -> bool:
        """Ask what became of the documents that are due. Whether more may be due by now."""
        while self._may("poll"):
            mono = self._parts.clock.mono()
            due = await self._parts.store.due_polls(mono=mono, limit=_POLLS_TOGETHER)
            if not due:
                return False
            places = asyncio.Semaphore(_POLLS_AT_ONCE)
            asked = await asyncio.gather(*(self._poll(document, places) for document in due))
            await self._settle([settlement for settlement in asked if settlement is not None])
            if len(due) < _POLLS_TOGETHER:
                return True
        return False

    def _may(self, what: What) -> bool:
        held = self._holds.on(what) or self._holds.on("token")
        return self._parts.may_speak and held is None

    async def _ready(self, client_id: int) -> tuple[SyncClient, str] | None:
        """The client and its key, once a document of it may be marked as being sent."""
        client = self._clients.get(client_id)
        if client is None or client.paused or client.trouble or not self._may("post"):
            return None
        try:
            key = await self._clients.key_of(client)
            await self._keeper.token()
        except (NoToken, VaultFailed) as error:
            await self._wait_for_token(error)
            return None
        except StoreFailed as error:
            self._parts.not_saved(error)
            return None
        return client, key

    async def _send(
        self, client: SyncClient, key: str, document: SyncDocument, data: bytes
    ) -> Settlement:
        parts = self._parts
        name = document.name.rpartition("/")[2]
        fence = parts.entropy.random_bytes(16)
        unsent = Settlement(document_id=document.id, state=document.state, reason=document.reason)
        try:
            batch = await self._ask(lambda token: parts.api.send(token, key, name, data, fence))
        except (NoToken, VaultFailed) as error:
            await self._wait_for_token(error)
            return unsent
        except KeyRefused as error:
            await self._stop(client, error)
            return unsent
        except (NotSent, Busy) as error:
            await self._hold("post", error)
            return msgspec.structs.replace(unsent, reason=error.reason)
        except CloudError as error:
            if error.may_have_acted:
                await self._hold("post", error)
            lost = isinstance(error, Uncertain)
            return Settlement(
                document_id=document.id,
                state=DocumentState.WAITING,
                reason="sync.answer_lost" if lost else error.reason,
                fields={"text": error.detail},
                wait_s=resend_wait_s(document.attempts, parts.settings.sync.resend_after_s),
            )
        self._holds.went_well("post")
        return self._told_by(batch, document, polls=0)

    async def _poll(self, document: SyncDocument, places: asyncio.Semaphore) -> Settlement | None:
        """What has become of it; None: not asked, it is due again as soon as it may be."""
        client = self._clients.get(document.client_id)
        batch_id = document.batch_id
        if client is None or batch_id is None or client.trouble:
            return self._postpone(document, _TROUBLED_WAIT_S)
        polls = document.polls + 1
        wait_s = poll_wait_s(polls, self._parts.settings.sync.poll_first_s)
        try:
            key = await self._clients.key_of(client)
            api = self._parts.api
            async with places:
                if not self._may("poll"):
                    return None
                batch = await self._ask(lambda token: api.look(token, key, batch_id))
        except (NoToken, VaultFailed) as error:
            await self._wait_for_token(error)
            return None
        except KeyRefused as error:
            await self._stop(client, error)
            return self._postpone(document, _TROUBLED_WAIT_S)
        except BatchUnknown as error:
            return Settlement(
                document_id=document.id,
                state=DocumentState.WAITING,
                reason=error.reason,
                wait_s=resend_wait_s(document.attempts, self._parts.settings.sync.resend_after_s),
            )
        except CloudError as error:
            await self._hold("poll", error)
            return self._postpone(document, wait_s, polls=polls)
        self._holds.went_well("poll")
        return self._told_by(batch, document, polls=polls)

    def _told_by(self, batch: Batch, document: SyncDocument, *, polls: int) -> Settlement:
        outcome = outcome_of(batch)
        return Settlement(
            document_id=document.id,
            state=outcome.state,
            reason=outcome.reason,
            fields=outcome.fields,
            batch_id=batch.id,
            polls=polls,
            wait_s=poll_wait_s(polls, self._parts.settings.sync.poll_first_s),
        )

    def _postpone(self, document: SyncDocument, wait_s: float, polls: int = 0) -> Settlement:
        return Settlement(
            document_id=document.id,
            state=DocumentState.ACCEPTED,
            reason=document.reason,
            fields=document.fields,
            batch_id=document.batch_id,
            polls=polls or document.polls,
            wait_s=wait_s,
        )

    async def _ask(self, call: Callable[[str], Awaitable[T]]) -> T:
        """One request with the program's token, and with a new one where that is refused."""
        token = await self._keeper.token()
        try:
            async with self._places:
                return await call(token)
        except TokenRefused:
            await self._keeper.refused(token)
        token = await self._keeper.token()
        async with self._places:
            return await call(token)

    async def _settle(
        self, settlements: Sequence[Settlement], claim_for: int | None = None
    ) -> tuple[SyncDocument, bytes] | None:
        """Commit what documents are now, however long that takes, and tell of changes; the next one
        of `claim_for` where the store took it at once."""
        parts = self._parts
        while settlements or claim_for is not None:
            now = parts.clock.now()
            try:
                settled, claimed = await parts.store.settle(
                    [await self._compared(each) for each in settlements],
                    at=now.wall,
                    mono=now.mono,
                    claim_for=claim_for,
                )
                break
            except StoreFailed as error:
                parts.not_saved(error)
                claim_for = None  # much may have changed by then
                await asyncio.sleep(_STORE_WAIT_S)
        else:
            return None
        parts.saved()
        self._changed()
        for document in settled:
            self._tell(document)
        return claimed

    async def _compared(self, new: Settlement) -> Settlement:
        """ONVIO tells what is there by its access key alone: whether that is this very content."""
        if new.state is not DocumentState.DUPLICATE:
            return new
        return beside(new, await self._parts.store.other_content(new.document_id))

    def _tell(self, document: SyncDocument) -> None:
        """One line of the log where it is news."""
        client = self._clients.get(document.client_id)
        if client is None:
            return
        news = (document.state, document.reason)
        if self._told.get(document.id) != news:
            self._told[document.id] = news
            self._parts.tell(client, document)
        if document.state in FINISHED:
            self._told.pop(document.id, None)
            self._ended(document)

    async def _wait_for_token(self, error: NoToken | VaultFailed) -> None:
        if isinstance(error, VaultFailed):
            self._held_here(error.code, _VAULT_WAIT_S)
        elif error.reason == "sync.secret_unreadable" and error.retry_s is not None:
            self._held_here(error.reason, error.retry_s)
        elif error.retry_s == 0.0:
            cause = error.__cause__
            if isinstance(cause, CloudError):
                await self._hold("token", cause)
        else:
            await self._held("token", error.reason, error.retry_s)

    def _held_here(self, reason: str, wait_s: float) -> None:
        """No token for a cause on this machine, which nobody at ONVIO minds being tried again."""
        self._parts.log.warning("sync.held", what="token", reason=reason, wait_s=wait_s)
        self._holds.wait_here("token", reason, wait_s)
        self._changed()

    async def _held(self, what: What, reason: str, wait_s: float | None) -> None:
        self._parts.log.warning("sync.held", what=what, reason=reason, wait_s=wait_s)
        try:
            await self._holds.ask_for(what, reason, wait_s)
        except StoreFailed as error:
            self._parts.not_saved(error)
        self._changed()

    async def _hold(self, what: What, error: CloudError) -> None:
        try:
            await self._holds.after(what, error)
        except StoreFailed as failed:
            self._parts.not_saved(failed)
        self._changed()

    async def _stop(self, client: SyncClient, error: KeyRefused) -> None:
        try:
            await self._clients.set_trouble(client, error.reason)
        except StoreFailed as failed:
            self._parts.not_saved(failed)
        self._changed()
