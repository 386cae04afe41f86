"""The clients' folders as they are: local disks and network shares. The adapter of `parts.Folders`.

It follows no links, goes no deeper than it must, and never writes into a file that somebody else made.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from onvio_agent.sync.left import Left
from onvio_agent.sync.parts import FoundFile

DELIVERED, REJECTED = "enviados", "rejeitados"
"""Folders in a client's folder where files are put away; they are not scanned."""
_TAKEN = (".xml", ".zip")
_DEPTH_MAX = 8
_LATEST_NS = 2**63 - 1
"""What the store keeps: a broken clock dates files later than the year 2262."""


class DiskFolders:
    """`parts.Folders` of production. `own`: the agent's folders."""

    def __init__(self, own: Sequence[Path] = ()) -> None:
        self._own = own

    def scan(self, folder: str, left: Left) -> Iterator[FoundFile]:
        waiting = [("", 0)]
        while waiting:
            below, depth = waiting.pop()
            try:
                with os.scandir(Path(folder, below)) as entries:
                    for entry in entries:
                        path = f"{below}/{entry.name}" if below else entry.name
                        if _is_folder(entry, path, left):
                            if depth < _DEPTH_MAX:
                                waiting.append((path, depth + 1))
                            else:
                                left.add("sync.left_deep", path)
                        elif (found := _looks(entry, path, left)) is not None:
                            yield found
            except OSError as error:
                if not below:
                    raise
                if not isinstance(error, FileNotFoundError):
                    left.add("sync.left_unreadable", below)

    def read(self, folder: str, file: FoundFile, limit: int) -> bytes | None:
        try:
            handle = os.open(Path(folder, file.path), os.O_RDONLY | _NO_LINKS)
        except (FileNotFoundError, IsADirectoryError):
            return None
        with open(handle, "rb") as opened:
            if _is_locked(handle):
                raise BlockingIOError(errno.EAGAIN, "somebody holds it", file.path)
            if not _is_same(os.fstat(handle), file):
                return None
            data = opened.read(limit)
            return data if _is_same(os.fstat(handle), file) else None

    def looks(self, folder: str, path: str) -> FoundFile | None:
        try:
            status = os.stat(Path(folder, path), follow_symlinks=False)
        except (FileNotFoundError, NotADirectoryError):
            return None
        return _found(path, status)

    def move(self, folder: str, source: str, target: str) -> bool:
        to = Path(folder, target)
        if os.path.lexists(to):
            return False
        to.parent.mkdir(parents=True, exist_ok=True)
        Path(folder, source).rename(to)
        return True

    def write(self, folder: str, path: str, text: str) -> None:
        to = Path(folder, path)
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_text(text, encoding="utf-8-sig", newline="\r\n")  # for Notepad too

    def is_own(self, folder: str) -> bool:
        place = Path(folder).resolve()
        for each in self._own:
            own = each.resolve()
            if place == own or place in own.parents or own in place.parents:
                return True
        return False


_NO_LINKS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def _is_text(name: str) -> bool:
    """Whether a name can be told and kept: some from old systems are no text here."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_folder(entry: os.DirEntry[str], path: str, left: Left) -> bool:
    """Whether to look into it: a folder with a name, not hidden, and not the agent's own."""
    if not _is_text(entry.name) or entry.name.startswith("."):
        return False
    try:
        if not entry.is_dir(follow_symlinks=False):
            return False
    except OSError:
        left.add("sync.left_unreadable", path)
        return False
    return path.lower() not in (DELIVERED, REJECTED)


def _looks(entry: os.DirEntry[str], path: str, left: Left) -> FoundFile | None:
    """A file that may be taken; what is none and lies there is noted."""
    if not _is_text(entry.name):
        left.add("sync.left_name", path)
    elif entry.name.startswith("."):
        left.add("sync.left_hidden", path)
    elif entry.is_symlink():
        left.add("sync.left_link", path)
    elif path.lower() in (DELIVERED, REJECTED):
        return None
    elif not entry.name.lower().endswith(_TAKEN):
        left.add("sync.left_other", path)
    else:
        return _status_of(entry, path, left)
    return None


def _status_of(entry: os.DirEntry[str], path: str, left: Left) -> FoundFile | None:
    try:
        status = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    except OSError:
        left.add("sync.left_unreadable", path)
        return None
    if not stat.S_ISREG(status.st_mode):
        left.add("sync.left_other", path)
        return None
    return _found(path, status)


def _is_same(status: os.stat_result, file: FoundFile) -> bool:
    return _found(file.path, status) == file


def _found(path: str, status: os.stat_result) -> FoundFile:
    return FoundFile(path, status.st_size, min(status.st_mtime_ns, _LATEST_NS))


def _is_locked(handle: int) -> bool:
    """Whether somebody else holds a lock on the file. Windows' locks refuse the opening itself."""
    if sys.platform == "win32":
        return False
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        fcntl.lockf(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # a share without locks
        return False
    return False
