"""Looks into the clients' folders and takes in what is complete. Never changes a file.

What is taken is fixed in the store, bytes and hash, before anything else happens to it. A file that
is still being written is left alone: too young, changed since the last look, held by somebody, or
looking like the beginning of a document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

import msgspec

from onvio_agent.errors import StoreFailed
from onvio_agent.log import Repeats
from onvio_agent.store.sync_base import Intake, SyncClient
from onvio_agent.sync.archive import ARCHIVE_MAX
from onvio_agent.sync.document import BYTES_MAX
from onvio_agent.sync.intake import is_ripe, taken, too_large
from onvio_agent.sync.left import Left
from onvio_agent.sync.parts import FoundFile, Parts

UNSENT_MAX = 1_000
"""Documents of one client that wait in the store; the others wait in the folder as well."""
RIPE_S = 10.0
"""A file that was not touched for so long is complete, unless it looks otherwise."""
_STEP = 200  # files that are looked at in one piece of work
_GROUP = 20  # files that are fixed in one transaction
_GROUP_BYTES = 8 * 1024 * 1024
_YOUNG_MAX = 20_000  # remembered files that are not complete


class _Seen(msgspec.Struct, frozen=True):
    """How a file was first seen, and when."""

    size: int
    mtime_ns: int
    mono: float


class _Look(msgspec.Struct):
    """One look into a folder."""

    young: dict[str, _Seen] = msgspec.field(default_factory=dict)
    left: Left = msgspec.field(default_factory=Left)
    taken: int = 0


class Inbox:
    """See the module docstring. `troubles`: folders that cannot be read, by client; `left`: clients in
    whose folders more lies than had room; `leftovers`: what stays where it is, by the last whole look.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._young: dict[int, dict[str, _Seen]] = {}
        self._repeats = Repeats()
        self.troubles: dict[int, str] = {}
        self.left: dict[int, None] = {}
        self.leftovers: dict[int, Left] = {}

    async def look(self, client: SyncClient, on_taken: Callable[[], None] = lambda: None) -> int:
        """Take in what is complete and has room; how many documents. `on_taken` is called whenever some
        were. Raises `StoreFailed`."""
        room = UNSENT_MAX - await self._parts.store.unsent(client.id)
        look = _Look()
        self.left[client.id] = None
        if room <= 0:
            return 0
        try:
            files = self._parts.folders.scan(client.folder, look.left)
            while step := await self._parts.exec.run(lambda: _oldest_first(islice(files, _STEP))):
                for group in _groups(await self._fresh(client, step, look)):
                    new = await self._take(client, group, look)
                    if new:
                        look.taken += new
                        on_taken()
                    if look.taken >= room:
                        return look.taken
        except OSError:
            self.left.pop(client.id)
            self._in_trouble(client)
            return look.taken
        self.left.pop(client.id)
        self._young[client.id] = look.young
        self._note(client, look.left)
        self._mended(client)
        return look.taken

    async def look_only(self, client: SyncClient) -> None:
        """Note what waits in the folder of a company that is paused. Raises `StoreFailed`."""
        left = Left()
        try:
            files = self._parts.folders.scan(client.folder, left)
            while step := await self._parts.exec.run(lambda: list(islice(files, _STEP))):
                new = await self._new(client, step)
                for file in new:
                    left.add("sync.left_paused", file.path)
        except OSError:
            self._in_trouble(client)
            return
        self._note(client, left)
        self._mended(client)

    async def _new(self, client: SyncClient, step: Sequence[FoundFile]) -> list[FoundFile]:
        """Those that were not taken yet."""
        keys = [(file.path, file.size, file.mtime_ns) for file in step]
        new = await self._parts.store.new_files(client.id, keys)
        return [file for file, is_new in zip(step, new, strict=True) if is_new]

    async def _fresh(
        self, client: SyncClient, step: Sequence[FoundFile], look: _Look
    ) -> list[FoundFile]:
        """Those that are old enough and not taken yet."""
        new = await self._new(client, step)
        now = self._parts.clock.wall().timestamp()
        fresh = []
        for file in new:
            is_old = now - file.mtime_ns / 1e9 >= RIPE_S
            if is_old or self._was_seen(client, file):
                fresh.append(file)
            else:
                self._remember(client, file, look)
        return fresh

    async def _take(self, client: SyncClient, group: Sequence[FoundFile], look: _Look) -> int:
        ripe = []
        for file, intake in await self._parts.exec.run(lambda: self._read(client, group, look)):
            if is_ripe(intake) or self._was_seen(client, file):
                ripe.append(intake)
            else:
                self._remember(client, file, look)
        if not ripe:
            return 0
        now = self._parts.clock.now()
        documents = await self._parts.store.take(client.id, ripe, at=now.wall, mono=now.mono)
        new = {found.id: found for found in documents if found.queued_at == now.wall}
        for document in new.values():  # a content that is known already is no news
            self._parts.tell(client, document)
        return len(documents)

    def _read(
        self, client: SyncClient, group: Sequence[FoundFile], look: _Look
    ) -> list[tuple[FoundFile, Intake]]:
        """What they bring; one that cannot be read is left, unless it is the whole folder."""
        found, is_odd = [], False
        for file in group:
            try:
                intake = self._read_one(client, file)
            except OSError:
                is_odd = True
                look.left.add("sync.left_unreadable", file.path)
                continue
            if intake is not None:
                found.append((file, intake))
        if is_odd:
            next(self._parts.folders.scan(client.folder, Left()), None)
        return found

    def _read_one(self, client: SyncClient, file: FoundFile) -> Intake | None:
        limit = ARCHIVE_MAX if file.path.lower().endswith(".zip") else BYTES_MAX
        if file.size > limit:
            return too_large(file, limit // 1024**2)
        data = self._parts.folders.read(client.folder, file, limit + 1)
        return None if data is None else taken(file, data, client.cnpj)

    def failed(self, client: SyncClient, error: Exception) -> None:
        """Looking into its folder ended as nobody expected."""
        self.troubles[client.id] = "sync.look_failed"
        if self._repeats.failure(str(client.id), "sync.look_failed", self._parts.clock.mono()):
            self._parts.log.error("sync.look_failed", client=client.name, exc_info=error)

    def not_kept(self, client: SyncClient, error: StoreFailed) -> None:
        """What lies in its folder could not be noted here: nothing is taken until it can."""
        self.troubles[client.id] = error.code
        self._parts.not_saved(error)

    def _note(self, client: SyncClient, left: Left) -> None:
        """A line of the log for each reason that is new."""
        self.leftovers[client.id] = left
        key = f"{client.id} left"
        if not left.kinds:
            self._repeats.recovered(key, self._parts.clock.mono())
        for code, kind in left.kinds.items():
            if self._repeats.failure(key, code, self._parts.clock.mono()):
                self._parts.log.info(
                    "sync.files_left", client=client.name, reason=code, count=kind.count
                )

    def _was_seen(self, client: SyncClient, file: FoundFile) -> bool:
        """Whether it was the same a whole interval ago: looks may follow each other at once."""
        seen = self._first_seen(client, file)
        return seen is not None and (
            self._parts.clock.mono() - seen.mono >= self._parts.settings.sync.scan_interval_s
        )

    def _first_seen(self, client: SyncClient, file: FoundFile) -> _Seen | None:
        seen = self._young.get(client.id, {}).get(file.path)
        same = seen is not None and (seen.size, seen.mtime_ns) == (file.size, file.mtime_ns)
        return seen if same else None

    def _remember(self, client: SyncClient, file: FoundFile, look: _Look) -> None:
        if len(look.young) < _YOUNG_MAX:
            fresh = _Seen(file.size, file.mtime_ns, self._parts.clock.mono())
            look.young[file.path] = self._first_seen(client, file) or fresh

    def _in_trouble(self, client: SyncClient) -> None:
        self.troubles[client.id] = "sync.folder_unreadable"
        now = self._parts.clock.mono()
        if self._repeats.failure(str(client.id), "sync.folder_unreadable", now):
            self._parts.log.warning("sync.folder_unreadable", client=client.name)

    def _mended(self, client: SyncClient) -> None:
        if self.troubles.pop(client.id, None) is not None:
            self._repeats.recovered(str(client.id), self._parts.clock.mono())
            self._parts.log.info("sync.folder_back", client=client.name)


def _oldest_first(files: Iterable[FoundFile]) -> list[FoundFile]:
    return sorted(files, key=lambda file: (file.mtime_ns, file.path))


def _groups(files: Sequence[FoundFile]) -> Iterator[list[FoundFile]]:
    """At most so many and so much at once; a larger one alone."""
    group: list[FoundFile] = []
    size = 0
    for file in files:
        if group and (len(group) >= _GROUP or size + file.size > _GROUP_BYTES):
            yield group
            group, size = [], 0
        group.append(file)
        size += file.size
    if group:
        yield group
