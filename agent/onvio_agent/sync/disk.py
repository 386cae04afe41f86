"""The clients' folders as they are: local disks and network shares. The adapter of `parts.Folders`.

It follows no links, goes no deeper than it must, and never writes into a file that somebody else made.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from onvio_agent.sync.parts import FoundFile

DELIVERED, REJECTED = "enviados", "rejeitados"
"""Folders in a client's folder where files are put away; they are not scanned."""
_TAKEN = (".xml", ".zip")
_DEPTH_MAX = 8


class DiskFolders:
    """`parts.Folders` of production."""

    def scan(self, folder: str) -> Iterator[FoundFile]:
        root = Path(folder)
        waiting = [("", 0)]
        while waiting:
            below, depth = waiting.pop()
            with os.scandir(root / below) as entries:
                for entry in entries:
                    path = f"{below}/{entry.name}" if below else entry.name
                    if entry.name.startswith(".") or not _is_text(entry.name):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        own = not below and entry.name.lower() in (DELIVERED, REJECTED)
                        if not own and depth < _DEPTH_MAX:
                            waiting.append((path, depth + 1))
                    elif entry.name.lower().endswith(_TAKEN):
                        found = _looks(entry, path)
                        if found is not None:
                            yield found

    def read(self, folder: str, file: FoundFile, limit: int) -> bytes | None:
        try:
            handle = os.open(Path(folder, file.path), os.O_RDONLY | _NO_LINKS)
        except (FileNotFoundError, PermissionError, IsADirectoryError):
            return None  # gone again, or held by whoever writes it
        with open(handle, "rb") as opened:
            if _is_locked(handle) or not _is_same(os.fstat(handle), file):
                return None
            data = opened.read(limit)
            return data if _is_same(os.fstat(handle), file) else None

    def looks(self, folder: str, path: str) -> FoundFile | None:
        try:
            status = os.stat(Path(folder, path), follow_symlinks=False)
        except (FileNotFoundError, NotADirectoryError):
            return None
        return FoundFile(path, status.st_size, status.st_mtime_ns)

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


_NO_LINKS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def _is_text(name: str) -> bool:
    """Whether a name can be told and kept: some from old systems are no text here."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _looks(entry: os.DirEntry[str], path: str) -> FoundFile | None:
    try:
        if not entry.is_file(follow_symlinks=False):
            return None
        status = entry.stat(follow_symlinks=False)
    except OSError:  # gone again
        return None
    return FoundFile(path, status.st_size, status.st_mtime_ns)


def _is_same(status: os.stat_result, file: FoundFile) -> bool:
    return (status.st_size, status.st_mtime_ns) == (file.size, file.mtime_ns)


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
