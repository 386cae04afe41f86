"""A client's folders in memory: `sync.parts.Folders` whose disk a test can break.

Why: files are put, replaced and lost between two awaits, and nothing waits for a real clock.
It must not be imported by production code.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator

from onvio_agent.sync.disk import DELIVERED, REJECTED
from onvio_agent.sync.left import Left
from onvio_agent.sync.parts import FoundFile


class MemoryFolders:
    """All folders in one dictionary: (folder, path) to bytes and time of change.

    `gone`, `read_only`, `full`: folders that cannot be read, or written. `locked`: files that somebody holds.
    `before_move`, `before_read` are called in the moment before a file is moved, or read.
    """

    def __init__(self) -> None:
        self.files: dict[tuple[str, str], tuple[bytes, int]] = {}
        self.gone: list[str] = []
        self.read_only: list[str] = []
        self.full: list[str] = []
        self.locked: list[str] = []
        self.before_move: Callable[[str], None] | None = None
        self.before_read: Callable[[str], object] | None = None

    def put(self, folder: str, path: str, data: bytes, mtime_s: float) -> None:
        """A file is written, in place of one of that name."""
        self.files[folder, path] = (data, int(mtime_s * 1e9))

    def paths(self, folder: str, below: str = "") -> list[str]:
        """What lies there."""
        return sorted(p for f, p in self.files if f == folder and p.startswith(below))

    def scan(self, folder: str, left: Left) -> Iterator[FoundFile]:
        self._check(folder)
        for (of, path), (data, mtime_ns) in list(self.files.items()):
            own = path.partition("/")[0] in (DELIVERED, REJECTED)
            if of != folder or own:
                continue
            if not path.lower().endswith((".xml", ".zip")):
                left.add("sync.left_other", path)
            else:
                yield FoundFile(path, len(data), mtime_ns)

    def read(self, folder: str, file: FoundFile, limit: int) -> bytes | None:
        self._check(folder)
        if self.before_read is not None:
            self.before_read(file.path)
        found = self.files.get((folder, file.path))
        if file.path in self.locked:
            raise BlockingIOError(file.path)
        if found is None:
            return None
        data, mtime_ns = found
        return data[:limit] if (len(data), mtime_ns) == (file.size, file.mtime_ns) else None

    def looks(self, folder: str, path: str) -> FoundFile | None:
        self._check(folder)
        found = self.files.get((folder, path))
        return None if found is None else FoundFile(path, len(found[0]), found[1])

    def move(self, folder: str, source: str, target: str) -> bool:
        self._check(folder, writing=True)
        if self.before_move is not None:
            self.before_move(source)
        if (folder, target) in self.files:
            return False
        if (folder, source) not in self.files:
            raise FileNotFoundError(source)
        self.files[folder, target] = self.files.pop((folder, source))
        return True

    def write(self, folder: str, path: str, text: str) -> None:
        self._check(folder, writing=True)
        self.files[folder, path] = (text.encode(), 0)

    def is_own(self, folder: str) -> bool:
        return False

    def _check(self, folder: str, *, writing: bool = False) -> None:
        if folder in self.gone:
            raise FileNotFoundError(folder)
        if writing and folder in self.read_only:
            raise PermissionError(folder)
        if writing and folder in self.full:
            raise OSError(errno.ENOSPC, folder)
