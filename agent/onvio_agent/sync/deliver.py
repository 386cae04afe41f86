"""Sends documents and asks what became of them, until each has come to its end.

Committed as `sending` first, then sent, then committed what came of it: a document whose answer was
lost is sent again after a while, and ONVIO then says that it is there. One request at a time for each
client, in the order of the documents' coming; at most four open requests in all. What is refused
pauses by itself (`holds.py`). A store that cannot take a result is asked until it can.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from onvio_agent.errors import StoreFailed, VaultFailed
from onvio_agent.onvio.errors import Busy, CloudError, NotSent, TokenRefused, Uncertain
from onvio_agent.onvio.integration_api import Batch, BatchUnknown, KeyRefused
from onvio_agent.store.sync_base import FINISHED, DocumentState, SyncClient, SyncDocument
from onvio_agent.sync.clients import Clients
from onvio_agent.sync.holds import Holds, What
from onvio_agent.sync.keeper import NoToken, TokenKeeper
from onvio_agent.sync.outcome import outcome_of, poll_wait_s, resend_wait_s
from onvio_agent.sync.parts import Parts

T = TypeVar("T")

OPEN_MAX = 4
"""Requests at once: half of the transport's places stay free for the people's own."""
_POLLS_AT_ONCE = 3
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
        ended: Callable[[SyncClient, SyncDocument], Awaitable[None]],
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
        parts = self._parts
        while True:
            client = self._clients.get(client_id)
            if client is None or client.paused or client.trouble or not self._may("post"):
                return
            try:
                key = await self._clients.key_of(client)
                await self._keeper.token()  # before a document is marked as being sent
                claimed = await parts.store.claim(client.id, mono=parts.clock.mono())
            except (NoToken, VaultFailed) as error:
                await self._wait_for_token(error)
                return
            if claimed is None:
                return
            await self._send(client, key, *claimed)

    async def poll_all(self) -> None:
        """Ask what became of the documents that are due."""
        while self._may("poll"):
            mono = self._parts.clock.mono()
            due = await self._parts.store.due_polls(mono=mono, limit=_POLLS_AT_ONCE)
            if not due:
                return
            await asyncio.gather(*(self._poll(document) for document in due))

    def _may(self, what: What) -> bool:
        held = self._holds.on(what) or self._holds.on("token")
        return self._parts.may_speak and held is None

    async def _send(
        self, client: SyncClient, key: str, document: SyncDocument, data: bytes
    ) -> None:
        parts = self._parts
        name = document.name.rpartition("/")[2]
        fence = parts.entropy.random_bytes(16)
        try:
            batch = await self._ask(lambda token: parts.api.send(token, key, name, data, fence))
        except (NoToken, VaultFailed) as error:
            await self._settle(client, document, DocumentState.QUEUED)
            await self._wait_for_token(error)
        except KeyRefused as error:
            await self._settle(client, document, DocumentState.QUEUED)
            await self._stop(client, error)
        except (NotSent, Busy) as error:
            await self._settle(client, document, DocumentState.QUEUED, reason=error.reason)
            await self._hold("post", error)
        except CloudError as error:
            lost = isinstance(error, Uncertain)
            await self._settle(
                client,
                document,
                DocumentState.WAITING,
                reason="sync.answer_lost" if lost else error.reason,
                fields={"text": error.detail},
                wait_s=resend_wait_s(document.attempts, parts.settings.sync.resend_after_s),
            )
            if error.may_have_acted:
                await self._hold("post", error)
        else:
            self._holds.went_well("post")
            await self._take_in(client, document, batch, polls=0)

    async def _poll(self, document: SyncDocument) -> None:
        client = self._clients.get(document.client_id)
        batch_id = document.batch_id
        if client is None or batch_id is None or client.trouble:
            await self._postpone(client, document, _TROUBLED_WAIT_S)
            return
        polls = document.polls + 1
        wait_s = poll_wait_s(polls, self._parts.settings.sync.poll_first_s)
        try:
            key = await self._clients.key_of(client)
            api = self._parts.api
            batch = await self._ask(lambda token: api.look(token, key, batch_id))
        except (NoToken, VaultFailed) as error:
            await self._wait_for_token(error)
        except KeyRefused as error:
            await self._postpone(client, document, _TROUBLED_WAIT_S)
            await self._stop(client, error)
        except BatchUnknown as error:
            await self._settle(
                client,
                document,
                DocumentState.WAITING,
                reason=error.reason,
                wait_s=resend_wait_s(document.attempts, self._parts.settings.sync.resend_after_s),
            )
        except CloudError as error:
            await self._postpone(client, document, wait_s, polls=polls)
            await self._hold("poll", error)
        else:
            self._holds.went_well("poll")
            await self._take_in(client, document, batch, polls=polls)

    async def _take_in(
        self, client: SyncClient, document: SyncDocument, batch: Batch, *, polls: int
    ) -> None:
        outcome = outcome_of(batch)
        await self._settle(
            client,
            document,
            outcome.state,
            reason=outcome.reason,
            fields=outcome.fields,
            batch_id=batch.id,
            polls=polls,
            wait_s=poll_wait_s(polls, self._parts.settings.sync.poll_first_s),
        )

    async def _postpone(
        self, client: SyncClient | None, document: SyncDocument, wait_s: float, polls: int = 0
    ) -> None:
        await self._settle(
            client,
            document,
            DocumentState.ACCEPTED,
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
        self,
        client: SyncClient | None,
        document: SyncDocument,
        state: DocumentState,
        *,
        reason: str | None = None,
        fields: Mapping[str, str] | None = None,
        batch_id: str | None = None,
        polls: int = 0,
        wait_s: float = 0.0,
    ) -> None:
        """Commit what a document is now, however long that takes; then tell of a change."""
        parts = self._parts
        while True:
            now = parts.clock.now()
            try:
                settled = await parts.store.settle(
                    document.id,
                    state,
                    reason=reason,
                    fields=fields or {},
                    batch_id=batch_id,
                    polls=polls,
                    at=now.wall,
                    mono=now.mono,
                    due_mono=now.mono + wait_s,
                )
                break
            except StoreFailed as error:
                parts.not_saved(error, document.sha256)
                await asyncio.sleep(_STORE_WAIT_S)
        parts.saved()
        self._changed()
        if settled is None or client is None:
            return
        if self._told.get(settled.id) != (settled.state, settled.reason):
            self._told[settled.id] = (settled.state, settled.reason)
            parts.tell(client, settled)
        if settled.state in FINISHED:
            self._told.pop(settled.id, None)
            await self._ended(client, settled)

    async def _wait_for_token(self, error: NoToken | VaultFailed) -> None:
        if isinstance(error, VaultFailed):
            await self._held("token", error.code, _VAULT_WAIT_S)
        elif error.retry_s == 0.0:
            cause = error.__cause__
            if isinstance(cause, CloudError):
                await self._hold("token", cause)
        else:
            await self._held("token", error.reason, error.retry_s)

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
