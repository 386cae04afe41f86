"""The delivery as one thing: folders looked into, documents sent and asked for, files put away.

It sleeps until there is a client. Every part is woken by what concerns it, and all of them once each
look at the folders, so that nothing that was missed stays missed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial

from onvio_agent.contract.status import ConnectionState, SyncStatus
from onvio_agent.errors import StoreFailed
from onvio_agent.onvio.transport import Transport
from onvio_agent.store.sync_base import DocumentState, SyncClient, SyncDocument
from onvio_agent.sync.clients import Clients
from onvio_agent.sync.deliver import Delivery
from onvio_agent.sync.holds import Holds
from onvio_agent.sync.inbox import Inbox
from onvio_agent.sync.keeper import TokenKeeper
from onvio_agent.sync.parts import Parts
from onvio_agent.sync.placing import Placing
from onvio_agent.sync.pump import Pump
from onvio_agent.timer import Tick, Timer
from onvio_agent.world import Publication

_LOOK, _DUE, _COUNT, _DROP = "sync-look", "sync-due", "sync-count", "sync-drop"
_COUNT_S = 0.3  # documents change by the hundred, and nobody reads faster
_DUE_S = 0.1  # they are due one by one, and many that are asked for at once cost less
_DROP_EVERY_S = 6 * 3600.0
_DROP_FIRST_S = 600.0
_DROP_BATCH = 200

Surviving = Callable[[str, Tick], Tick]


class Sync:
    """Built by `agent.assemble`; `start` begins."""

    def __init__(
        self, parts: Parts, timer: Timer, transport: Transport, surviving: Surviving
    ) -> None:
        self.parts = parts
        self._timer = timer
        self.keeper = TokenKeeper(parts, transport)
        self.holds = Holds(parts)
        self.clients = Clients(parts, self.keeper)
        self.inbox = Inbox(parts)
        self.placing = Placing(parts)
        self._delivery = Delivery(
            parts, self.clients, self.keeper, self.holds, changed=self.changed, ended=self._on_end
        )
        self._senders: dict[int, Pump] = {}
        self._poller = Pump(parts.tasks, "sync-poll", self._poll)
        self._looker = Pump(parts.tasks, "sync-looker", self._look_everywhere)
        self._placer = Pump(parts.tasks, "sync-placer", self._put_away)
        self._ended: dict[int, list[int]] = {}  # by client, whose files lie in its folder still
        self._on_look = surviving(_LOOK, self._look)
        self._on_due = surviving(_DUE, self._due)
        self._on_count = surviving(_COUNT, self._count)
        self._on_drop = surviving(_DROP, self._drop)
        self._counting = False
        self._counted_at, self._due_at = -_COUNT_S, -_DUE_S
        self._is_on = self._is_taken_up = self._more_are_due = False

    @property
    def is_on(self) -> bool:
        """Whether this machine delivers documents."""
        return self.parts.settings.sync.enabled or bool(self.clients.everyone())

    async def load(self) -> None:
        """What the store holds, before anything begins."""
        await self.clients.load()
        if self.is_on:
            await self.holds.restore()
            await self._publish()

    def start(self) -> None:
        """Begin, where there is something to deliver."""
        self.parts.hub.listen(self._on_change)
        self.wake()

    def wake(self) -> None:
        """A client was added or let go on, or a person wants everything tried."""
        if self.is_on:
            if not self._is_on:
                self._is_on = True
                now = self.parts.clock.mono()
                self._timer.at(_DROP, now + _DROP_FIRST_S, self._on_drop)
            self._timer.at(_LOOK, self.parts.clock.mono(), self._on_look)
            self.changed()

    def changed(self) -> None:
        """Documents have changed: count them soon, and plan anew."""
        if not self._counting:
            self._counting = True
            at = max(self.parts.clock.mono(), self._counted_at + _COUNT_S)
            self._timer.at(_COUNT, at, self._on_count)

    def send(self) -> None:
        """Send what waits, and ask for what is due."""
        if not self._is_taken_up:
            return  # what an earlier run was sending is not known for what it is yet
        for client in self.clients.everyone():
            self._kick_sender(client)
        self._poller.kick()

    def _kick_sender(self, client: SyncClient) -> None:
        pump = self._senders.get(client.id)
        if pump is None:
            pump = self._senders[client.id] = Pump(
                self.parts.tasks, "sync-send", self._sender(client.id)
            )
        pump.kick()

    def told(self, client: SyncClient, documents: Sequence[SyncDocument]) -> None:
        """Documents came in by another way than the folders."""
        for document in documents:
            self.parts.tell(client, document)
        self.changed()
        self.send()

    async def try_again(self) -> None:
        """A person has acted."""
        self.keeper.try_again()
        self.holds.release(own_only=False)
        self.wake()

    def _sender(self, client_id: int) -> Callable[[], Awaitable[None]]:
        async def work() -> None:
            try:
                await self._delivery.send_all(client_id)
            except StoreFailed as error:
                self.parts.not_saved(error)
            if client_id in self.inbox.left:
                self._looker.kick()  # there is room again
            await self._plan()

        return work

    async def _poll(self) -> None:
        try:
            self._more_are_due = await self._delivery.poll_all()
        except StoreFailed as error:
            self.parts.not_saved(error)
        await self._plan()

    async def _look(self) -> None:
        self._timer.at(
            _LOOK,
            self.parts.clock.mono() + self.parts.settings.sync.scan_interval_s,
            self._on_look,
        )
        if self.is_on:
            self._looker.kick()
            self.send()

    def _taken(self, client: SyncClient) -> None:
        self.changed()
        self._kick_sender(client)

    async def _take_up(self) -> bool:
        """What an earlier run was sending is of unknown fate. False while that cannot be saved."""
        if not self._is_taken_up:
            now = self.parts.clock.mono()
            resend = now + self.parts.settings.sync.resend_after_s
            try:
                await self.parts.store.restarted(mono=now, resend_mono=resend)
            except StoreFailed as error:
                for client in self.clients.everyone():
                    self.inbox.not_kept(client, error)
                return False
            self._is_taken_up = True
            self.send()
        return True

    async def _look_everywhere(self) -> None:
        if not await self._take_up():
            return
        for client in self.clients.everyone():
            try:
                if client.paused:
                    await self.inbox.look_only(client)
                else:
                    await self.inbox.look(client, partial(self._taken, client))
                await self.placing.put_away(client)
            except StoreFailed as error:
                self.inbox.not_kept(client, error)
            except Exception as error:  # whatever one folder holds, the others go on
                self.inbox.failed(client, error)

    def _on_end(self, document: SyncDocument) -> None:
        self._ended.setdefault(document.client_id, []).append(document.id)

    async def _put_away(self) -> None:
        ended, self._ended = self._ended, {}
        for client_id, document_ids in ended.items():
            client = self.clients.get(client_id)
            if client is not None:
                try:
                    await self.placing.put_away(client, document_ids)
                except StoreFailed as error:
                    self.parts.not_saved(error)

    async def _plan(self) -> None:
        """Be called when the next document is due or a hold ends."""
        mono = self.parts.clock.mono()
        try:
            due = await self.parts.store.next_due(mono=mono)
        except StoreFailed:
            return  # the next look comes anyway
        more = mono if self._more_are_due else None
        ends = [at for at in (due, more, self.holds.next_end()) if at is not None]
        if ends:
            self._timer.at(_DUE, max(min(ends), mono, self._due_at + _DUE_S), self._on_due)

    async def _due(self) -> None:
        self._due_at = self.parts.clock.mono()
        self.send()

    async def _count(self) -> None:
        self._counting = False
        self._counted_at = self.parts.clock.mono()
        if self._ended:
            self._placer.kick()
        try:
            await self._publish()
        except StoreFailed:
            self.changed()
        await self._plan()  # the sender may go on for minutes

    async def _publish(self) -> None:
        self.parts.hub.set_sync(await self.status())

    async def status(self) -> SyncStatus:
        """The counts; empty where this machine delivers nothing."""
        if not self.is_on:
            return SyncStatus()
        counts, oldest = await self.parts.store.counts()
        return SyncStatus(
            **{state.value: counts.get(state, 0) for state in DocumentState},
            oldest_queued_at=oldest,
        )

    async def _drop(self) -> None:
        days = self.parts.settings.sync.keep_days
        before = self.parts.clock.wall() - timedelta(days=days)
        try:
            more = await self.parts.store.drop_bytes(before, _DROP_BATCH) >= _DROP_BATCH
            wait_s = _COUNT_S if more else _DROP_EVERY_S
        except StoreFailed:
            wait_s = _DROP_FIRST_S
        self._timer.at(_DROP, self.parts.clock.mono() + wait_s, self._on_drop)

    def _on_change(self, publication: Publication) -> None:
        for change in publication.changes:
            back = change.kind == "connection" and change.after == ConnectionState.ONLINE
            if back or change.kind == "intent":
                self.holds.release(own_only=True)
                self.wake()
