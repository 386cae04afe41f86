"""What the delivery works with: the parts that were built for it, and what only lives in memory."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import msgspec

from onvio_agent.chance import Entropy
from onvio_agent.clock import Clock
from onvio_agent.contract.status import IntentState
from onvio_agent.errors import StoreFailed, VaultFailed
from onvio_agent.hub import Hub
from onvio_agent.log import Log
from onvio_agent.log.repeats import Repeats
from onvio_agent.onvio.integration_api import IntegrationApi
from onvio_agent.store.base import Exec, Store
from onvio_agent.store.sync_base import SyncClient, SyncDocument, SyncStore
from onvio_agent.supervise import Tasks
from onvio_agent.sync.left import Left
from onvio_config.model import Settings


class Vault(Protocol):
    """Seals what must not lie open in the store."""

    async def seal(self, plaintext: bytes, *, row: str, may_renew: bool = False) -> bytes: ...
    async def open(self, sealed: bytes, *, row: str) -> bytes: ...
    def hold(self) -> AbstractAsyncContextManager[None]: ...


class FoundFile(msgspec.Struct, frozen=True):
    """A file of a folder. `path` relative to it, with `/`; `age_s` by this machine's wall clock."""

    path: str
    size: int
    mtime_ns: int


class Folders(Protocol):
    """The clients' folders. Every call blocks; `OSError` where the disk or share says no."""

    def scan(self, folder: str, left: Left) -> Iterator[FoundFile]:
        """The .xml and .zip files of `folder` and its sub-folders, in no certain order; not what
        was put away. What else lies there, or cannot be seen, is noted in `left`."""

    def read(self, folder: str, file: FoundFile, limit: int) -> bytes | None:
        """Its bytes, at most `limit`. None where it is not that file now. `OSError` too where
        somebody holds it."""

    def looks(self, folder: str, path: str) -> FoundFile | None:
        """How it is now; None where it is gone."""

    def move(self, folder: str, source: str, target: str) -> bool:
        """Give it another name there, its sub-folders made; False where one of that name exists."""

    def write(self, folder: str, path: str, text: str) -> None:
        """A text file, in place of one of that name."""

    def is_own(self, folder: str) -> bool:
        """Whether it lies in, or around, what the agent keeps for itself."""


class Parts:
    """See the module docstring. `keys`: opened integration keys by client."""

    def __init__(
        self,
        *,
        settings: Settings,
        clock: Clock,
        entropy: Entropy,
        rng: random.Random,
        main_store: Store,
        exec_: Exec,
        vault: Vault,
        folders: Folders,
        api: IntegrationApi,
        hub: Hub,
        tasks: Tasks,
        log: Log,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.entropy = entropy
        self.rng = rng
        self.main_store = main_store
        self.exec = exec_
        self.vault = vault
        self.folders = folders
        self.api = api
        self.hub = hub
        self.tasks = tasks
        self.log = log
        self._repeats = Repeats()

    @property
    def store(self) -> SyncStore:
        """What is kept of documents."""
        return self.main_store.sync

    @property
    def may_speak(self) -> bool:
        """Whether ONVIO may be asked at all: not while a person has paused the connection."""
        return self.hub.intent.state is IntentState.RUN

    def tell(self, client: SyncClient, document: SyncDocument) -> None:
        """One line of the log for a document's change; never its contents."""
        self.log.info(
            "sync.document_changed",
            client=client.name,
            sha256=document.sha256,
            kind=document.kind,
            access_key=document.access_key,
            state=document.state,
            reason=document.reason,
            batch=document.batch_id,
            attempts=document.attempts,
        )

    def not_saved(self, error: StoreFailed | VaultFailed, sha256: str | None = None) -> None:
        """The store or the vault took nothing: said once for each reason, until it does."""
        if self._repeats.failure("store", error.code, self.clock.mono()):
            self.log.warning("sync.not_saved", reason=error.code, sha256=sha256)

    def saved(self) -> None:
        """The store takes what it is given."""
        self._repeats.recovered("store", self.clock.mono())
