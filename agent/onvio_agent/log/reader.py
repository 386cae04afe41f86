"""Reading the log back: over rotated and compressed files, filtered, and followed while it grows.

Reads only; states are never taken from here. Lines that are not JSON objects (a torn write, a
stranger's text) are left out.
"""

from __future__ import annotations

import gzip
import json
import os
from collections import deque
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import msgspec

from onvio_agent.log.file import CURRENT, rotated_paths

Entry = dict[str, Any]
_LEVELS = ("debug", "info", "warning", "error", "critical")
_LINE_MAX = 1 << 20


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries to take. `level`: this or a graver one; `event`: the beginning of its name."""

    level: str | None = None
    event: str | None = None
    user: str | None = None
    since: datetime | None = None

    def takes(self, entry: Entry) -> bool:
        """Whether `entry` is one of them."""
        return (
            (self.level is None or _rank(entry.get("level")) >= _rank(self.level))
            and (self.event is None or str(entry.get("event", "")).startswith(self.event))
            and (self.user is None or entry.get("user") == self.user)
            and (self.since is None or _is_since(entry, self.since))
        )


def log_paths(log_dir: Path) -> list[Path]:
    """The log's files, oldest first, the current one last."""
    current = log_dir / CURRENT
    return [*rotated_paths(log_dir), *([current] if current.exists() else [])]


def last_entries(
    log_dir: Path, wanted: Wanted, count: int | None, *, end: int | None = None
) -> list[Entry]:
    """The newest `count` wanted entries (None: all), oldest first.

    `end`: bytes of the current file to read, where a Tail takes what follows.
    """
    found: deque[Entry] = deque()
    for path in reversed(log_paths(log_dir)):
        limit = end if path.name == CURRENT else None
        fresh = [entry for entry in read_file(path, limit) if wanted.takes(entry)]
        found.extendleft(reversed(fresh))
        if count is not None and len(found) >= count:
            break
    entries = list(found)
    return entries if count is None else entries[max(0, len(entries) - count) :]


def read_file(path: Path, end: int | None = None) -> Iterator[Entry]:
    """The entries of one file, up to `end` bytes; none where it has gone meanwhile."""
    try:
        with _open(path) as file:
            while (end is None or file.tell() < end) and (line := file.readline(_LINE_MAX)):
                entry = parse_line(line)
                if entry is not None:
                    yield entry
    except (OSError, EOFError):
        return


def parse_line(line: bytes) -> Entry | None:
    """One line as an entry; None where it is none."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) else None


class Tail:
    """What is added to the log from now on, through rotations."""

    def __init__(self, log_dir: Path) -> None:
        self._log_dir = log_dir
        self._rest = b""
        self._file = self._open()
        self.start = 0 if self._file is None else self._file.seek(0, os.SEEK_END)

    def poll(self) -> list[Entry]:
        """The entries since the last call; never waits."""
        if self._file is None:
            self._file = self._open()
            return [] if self._file is None else self._read()
        entries = self._read()
        if self._was_rotated():
            entries += self._read()  # what was written before the file was renamed
            self.close()
            entries += self.poll()
        return entries

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
        self._file = None
        self._rest = b""

    def _open(self) -> IO[bytes] | None:
        try:
            return (self._log_dir / CURRENT).open("rb")
        except OSError:
            return None

    def _read(self) -> list[Entry]:
        assert self._file is not None  # noqa: S101 - for the type checker
        *lines, self._rest = (self._rest + self._file.read()).split(b"\n")
        return [entry for line in lines if (entry := parse_line(line)) is not None]

    def _was_rotated(self) -> bool:
        assert self._file is not None  # noqa: S101 - for the type checker
        try:
            there = os.stat(self._log_dir / CURRENT)
        except OSError:
            return False
        return not os.path.samestat(os.fstat(self._file.fileno()), there)


def _open(path: Path) -> IO[bytes] | gzip.GzipFile:
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")


def _rank(level: object) -> int:
    return _LEVELS.index(level) if level in _LEVELS else len(_LEVELS)


def _is_since(entry: Entry, since: datetime) -> bool:
    try:
        return datetime.fromisoformat(str(entry.get("at"))) >= since
    except (ValueError, TypeError):
        return False
