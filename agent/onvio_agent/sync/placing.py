"""Puts files away once their documents have ended: delivered ones by month, refused ones with a note.

A file is moved only while it is what was taken; one that was replaced meanwhile stays and is taken in
as a new one. Killed at any point, the next run does it again and nothing is lost.
"""

from __future__ import annotations

import errno
from collections.abc import Sequence
from functools import partial
from hashlib import sha256
from pathlib import PurePosixPath

from onvio_agent.contract import reasons
from onvio_agent.errors import StoreFailed, fill
from onvio_agent.i18n import _
from onvio_agent.log import Repeats
from onvio_agent.plain_text import clean
from onvio_agent.store.sync_base import DocumentState, DoneFile, SyncClient, SyncDocument, TakenFile
from onvio_agent.sync.archive import ARCHIVE_MAX
from onvio_agent.sync.disk import DELIVERED, REJECTED
from onvio_agent.sync.parts import FoundFile, Parts

_GROUP = 20
"""Files moved at once: on a slow share others wait for the same thread."""
_NAME_BYTES = 255
"""What file systems take at most; a note's name is longer than its file's."""


class Placing:
    """See the module docstring. `troubles`: folders that cannot be written, by client."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._repeats = Repeats()
        self.troubles: dict[int, str] = {}

    async def put_away(self, client: SyncClient, document_ids: Sequence[int] | None = None) -> None:
        """All files of `client` whose documents have ended, or those of some documents."""
        if document_ids is None:
            await self._put_away(client, None)
            return
        for begin in range(0, len(document_ids), _GROUP):
            await self._put_away(client, document_ids[begin : begin + _GROUP])

    async def _put_away(self, client: SyncClient, document_ids: Sequence[int] | None) -> None:
        month = self._parts.clock.wall().astimezone().strftime("%Y-%m")
        while files := await self._parts.store.done_files(client.id, _GROUP, document_ids):
            moved, trouble = await self._parts.exec.run(
                partial(self._move_all, client, files, month)
            )
            try:
                await self._parts.store.put_away(client.id, moved)
            except StoreFailed:
                return  # the next time finds them gone
            if trouble is None:
                self._mended(client)
                continue
            self._in_trouble(client, trouble)
            if not moved:
                return

    def _move_all(
        self, client: SyncClient, files: Sequence[DoneFile], month: str
    ) -> tuple[list[str], str | None]:
        """The paths of those that are no longer there, and why that is not all of them."""
        moved, trouble = [], None
        for file in files:
            try:
                self._move(client.folder, file, month, _note(file))
            except OSError as error:
                is_full = error.errno in (errno.ENOSPC, errno.EDQUOT)
                trouble = "sync.folder_full" if is_full else "sync.folder_unwritable"
            else:
                moved.append(file.path)
        return moved, trouble

    def _mended(self, client: SyncClient) -> None:
        if self.troubles.pop(client.id, None) is not None:
            self._repeats.recovered(str(client.id), self._parts.clock.mono())
            self._parts.log.info("sync.folder_back", client=client.name)

    def _in_trouble(self, client: SyncClient, trouble: str) -> None:
        self.troubles[client.id] = trouble
        if self._repeats.failure(str(client.id), trouble, self._parts.clock.mono()):
            self._parts.log.warning("sync.folder_unwritable", client=client.name, reason=trouble)

    def _move(self, folder: str, file: DoneFile, month: str, note: str) -> None:
        folders = self._parts.folders
        found = folders.looks(folder, file.path)
        if found is None or not self._is_it(folder, file.path, file.contents):
            return
        base = f"{REJECTED}" if note else f"{DELIVERED}/{month}"
        target = self._free_name(folder, base, PurePosixPath(file.path))
        if note:
            folders.write(folder, f"{target}.txt", note)  # first: a kill must not leave it out
        if not folders.move(folder, file.path, target):
            raise OSError("the name was taken meanwhile")
        moved = folders.looks(folder, target)
        same = moved is not None and (moved.size, moved.mtime_ns) == (found.size, found.mtime_ns)
        if not same and not self._is_it(folder, target, file.contents):  # replaced in that moment
            folders.move(folder, target, file.path)

    def _free_name(self, folder: str, base: str, name: PurePosixPath) -> str:
        """Name, name-2, name-3 and so on; of thousands of one name few are looked at."""

        def is_free(number: int) -> bool:
            return self._parts.folders.looks(folder, f"{base}/{_numbered(name, number)}") is None

        taken, free = 0, 1
        while not is_free(free):
            taken, free = free, free * 2
        while free - taken > 1:
            middle = (taken + free) // 2
            taken, free = (taken, middle) if is_free(middle) else (middle, free)
        return f"{base}/{_numbered(name, free)}"

    def _is_it(self, folder: str, path: str, contents: tuple[TakenFile, ...]) -> bool:
        """Whether the file there is one of those that were taken."""
        found = self._parts.folders.looks(folder, path)
        if found is None:
            return False
        for taken in contents:
            if taken.sha256 is None and (taken.size, taken.mtime_ns) == (
                found.size,
                found.mtime_ns,
            ):
                return True
        return self._digest(folder, found) in [taken.sha256 for taken in contents if taken.sha256]

    def _digest(self, folder: str, found: FoundFile) -> str | None:
        if found.size > ARCHIVE_MAX:
            return None
        data = self._parts.folders.read(folder, found, ARCHIVE_MAX)
        return None if data is None else sha256(data).hexdigest()


def _numbered(name: PurePosixPath, number: int) -> str:
    """A file's name with a number from 2 on, cut so that its note's name has room."""
    end = f"{'' if number == 1 else f'-{number}'}{name.suffix}"
    room = _NAME_BYTES - len(f"{end}.txt".encode())
    return name.stem.encode()[:room].decode(errors="ignore") + end


def _note(file: DoneFile) -> str:
    """What to write beside a file with refused documents; empty where none was."""
    refused = [document for document in file.documents if document.state is DocumentState.REFUSED]
    return "\n".join(
        sentence_of(document, _name_in(file.path, document.name)) + "\n" for document in refused
    )


def _name_in(path: str, name: str) -> str:
    """A document's name as the file at `path` has it: the same contents may have come in another too."""
    return name if name == path or name.startswith(f"{path}/") else path


def sentence_of(document: SyncDocument, name: str | None = None) -> str:
    """Name, reason and next step of a document, in the user's language."""
    reason = reasons.get(document.reason or "sync.rejected")
    fields = {name: clean(value) for name, value in document.fields.items()}
    lines = [
        clean(name or document.name),
        fill(_(reason.title), fields),
        fill(_(reason.next_step), fields),
    ]
    if "code" in fields:
        told = _("ONVIO's answer: {code} {text}")
        lines.append(fill(told, {"text": "", **fields}))
    return "\n".join(lines)
