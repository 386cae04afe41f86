"""A desk that delivers documents, in one process on hand-moved time: `desks.bench` with a company.

Why: what happens between two awaits of a delivery can be forced here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from onvio_agent.actions import sync_documents as actions
from onvio_agent.actions.sync_documents import sync_of
from onvio_agent.store.sync_base import SyncDocument
from onvio_agent.sync.service import Sync
from onvio_config.model import Onvio, Settings
from onvio_config.model import Sync as SyncSettings
from support.courier import CLIENTS
from support.deliveries import BATCHES, PADARIA, SECRET
from support.desks import GER, Bench, bench
from support.sim import CLIENT_ID

OLD_S = 100.0


class Deliverer:
    """One bench with its delivery; `folder` is the company's."""

    def __init__(self, made: Bench, folder: str) -> None:
        self.bench = made
        self.folder = folder
        self.sync: Sync = sync_of(made.desk)

    def put(self, name: str, data: bytes, age_s: float = OLD_S) -> None:
        """A file of that age."""
        mtime_s = self.bench.clock.wall().timestamp() - age_s
        self.bench.folders.put(self.folder, name, data, mtime_s)

    async def add_client(
        self,
        name: str = "Padaria",
        cnpj: str = PADARIA,
        key: str = "chave-1",
        folder: str | None = None,
    ) -> None:
        """Connect a company as the Gerente would."""
        await actions.add_client(self.bench.desk, GER, name, cnpj, key, folder or self.folder)

    async def look(self) -> None:
        """Look into the folders and let everything follow that needs no time."""
        self.sync.wake()
        await self.bench.timer.fire("sync-look")
        await self._follow()

    async def later(self, seconds: float) -> None:
        """Time passes and what is due is done."""
        self.bench.pass_time(seconds)
        if "sync-due" in self.bench.timer.entries:
            await self.bench.timer.fire("sync-due")
        self.sync.send()
        await self._follow()

    async def _follow(self) -> None:
        """What comes of it, the counting and putting away a moment later too."""
        await self.bench.settle()
        if "sync-count" in self.bench.timer.entries:
            await self.bench.timer.fire("sync-count")
            await self.bench.settle()

    async def through(self) -> None:
        """Look, and let ONVIO be asked until all is quiet."""
        await self.look()
        for _ in range(3):
            await self.later(6)

    async def all(self) -> list[SyncDocument]:
        """Every document."""
        return list(await self.bench.desk.store.sync.documents(after_id=0, limit=1000))

    async def states(self) -> list[tuple[str, str | None]]:
        """State and reason of each."""
        return [(str(document.state), document.reason) for document in await self.all()]

    def copies(self) -> list[int]:
        """How often each document was stored at ONVIO."""
        return [document.copies for document in self.bench.cloud.cloud.documents()]

    def posts(self) -> int:
        """How many batches were sent."""
        return self.bench.wire.sent.count(BATCHES)

    def put_away(self) -> list[str]:
        """What lies in `enviados` and `rejeitados`."""
        paths = self.bench.folders.paths(self.folder)
        return [path for path in paths if path.startswith(("enviados/", "rejeitados/"))]


def _laid_out(tmp_path: Path) -> tuple[Path, Path]:
    """The file with the secret, and the company's folder."""
    secret_path, folder = tmp_path / "secret", tmp_path / "padaria"
    secret_path.write_text(SECRET + "\n")
    folder.mkdir(exist_ok=True)
    return secret_path, folder


@asynccontextmanager
async def deliverer(
    tmp_path: Path, *, after: Deliverer | None = None, connected: bool = True, **changes: object
) -> AsyncIterator[Deliverer]:
    """A delivery with one company. `after`: the run before, whose cloud, time and files go on."""
    secret_path, folder = _laid_out(tmp_path)
    sync = SyncSettings(client_id=CLIENT_ID, client_secret_file=str(secret_path))
    settings = Settings(
        onvio=Onvio(client_id=CLIENT_ID), sync=msgspec.structs.replace(sync, **changes)
    )
    seed = {} if after else {"client_secret": SECRET, "clients": CLIENTS}
    async with bench(
        tmp_path, settings=settings, after=after.bench if after else None, **seed
    ) as made:
        made.agent.start()
        found = Deliverer(made, str(folder))
        if connected and not found.sync.clients.everyone():
            await found.add_client()
        yield found
