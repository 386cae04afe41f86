"""The log file: whole lines, rotated by size and by age, never a reason to stop.

A full disk or a folder that cannot be written loses entries; they are counted and the count is
written once writing works again. Each line is one write to a file opened for appending, so that
several processes of one profile may share it and a killed one loses nothing.

    agent.log                     the current file
    agent-20260304T102205Z.log    the older ones, named by the time of their rotation (UTC)
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from onvio_agent.clock import Clock

CURRENT = "agent.log"
_ROTATED = re.compile(r"agent-(\d{8}T\d{6}Z)(?:-\d+)?\.log(?:\.gz)?\Z")
_STAMP = "%Y%m%dT%H%M%SZ"
_LOOK_EVERY = timedelta(hours=1)  # ages are in days: looking once an hour is exact enough


def rotated_paths(log_dir: Path) -> list[Path]:
    """The rotated files, oldest first; none where the folder cannot be read."""
    try:
        names = [name for name in os.listdir(log_dir) if _ROTATED.match(name)]
    except OSError:
        return []
    return [log_dir / name for name in sorted(names, key=_order)]


def _order(name: str) -> tuple[str, int]:
    """By stamp, then by the number that tells equal stamps apart."""
    number = re.search(r"Z-(\d+)\.", name)
    return name[:22], int(number[1]) if number else 0


class LogFile:
    """`max_bytes` per file, `files` in all, none older than `days`.

    The current file is also rotated when its first entry is older than days / files, so that a
    quiet agent's entries age out as well. `rotate=False` for a short command beside the agent.
    """

    def __init__(
        self,
        log_dir: Path,
        *,
        max_bytes: int,
        files: int,
        days: int,
        clock: Clock,
        rotate: bool = True,
    ) -> None:
        self.dropped = 0
        self._log_dir = log_dir
        self._path = log_dir / CURRENT
        self._max_bytes = max_bytes
        self._files = files
        self._keep = timedelta(days=days)
        self._span = max(timedelta(days=days) / files, timedelta(days=1))
        self._clock = clock
        self._rotates = rotate
        self._fd: int | None = None
        self._size = 0
        self._first_at: datetime | None = None
        self._look_at: datetime | None = None
        self._torn = False

    def write(self, line: str) -> None:
        """Append one line (without its end). Never raises: what cannot be written is counted."""
        data = line.encode("utf-8", "backslashreplace") + b"\n"
        now = self._clock.wall()
        try:
            self._open_current(now)
            if self._rotates and self._is_full(len(data), now):
                self._rotate(now)
            if self.dropped:
                self._append(_recovered_line(now, self.dropped))
                self.dropped = 0
            self._append(data)
        except OSError:
            self.dropped += 1
            self.close()

    def close(self) -> None:
        """Let go of the file; the next entry opens it again."""
        if self._fd is not None:
            fd, self._fd = self._fd, None
            _quietly(lambda: os.close(fd))

    def _open_current(self, now: datetime) -> None:
        """Open the file, again if somebody moved or deleted it."""
        if self._fd is not None:
            if _is_same_file(self._fd, self._path):
                return
            self.close()
        self._log_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_APPEND | os.O_CREAT | os.O_WRONLY | getattr(os, "O_CLOEXEC", 0)
        self._fd = os.open(self._path, flags, 0o600)
        self._size = os.fstat(self._fd).st_size
        self._first_at = _first_at(self._path) if self._size else now
        self._torn = self._size > 0 and not _ends_whole(self._path)

    def _append(self, data: bytes) -> None:
        assert self._fd is not None  # noqa: S101 - for the type checker
        if self._torn:
            data = b"\n" + data
        written = os.write(self._fd, data)
        self._size += written
        self._torn = written < len(data)
        if self._torn:
            raise OSError("the disk took only a part of the line")

    def _is_full(self, more: int, now: datetime) -> bool:
        if self._look_at is None or abs(now - self._look_at) >= _LOOK_EVERY:
            self._look_at = now
            self._remove_old(now)
            if self._first_at is not None and now - self._first_at > self._span and self._size:
                return True
        return self._size > 0 and self._size + more > self._max_bytes

    def _rotate(self, now: datetime) -> None:
        """Give the file its stamped name; where that fails (a reader on Windows) go on in it."""
        target = _free_name(self._log_dir, now)
        self.close()
        if _quietly(lambda: os.rename(self._path, target)):
            self._remove_old(now)
        self._open_current(now)

    def _remove_old(self, now: datetime) -> None:
        oldest_first = rotated_paths(self._log_dir)
        surplus = len(oldest_first) - (self._files - 1)
        for index, path in enumerate(oldest_first):
            if index < surplus or now - _stamp_of(path) > self._keep:
                _unlink(path)


def _is_same_file(fd: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(fd), os.stat(path))
    except FileNotFoundError:
        return False


def _free_name(log_dir: Path, now: datetime) -> Path:
    stamp = now.astimezone(UTC).strftime(_STAMP)
    path = log_dir / f"agent-{stamp}.log"
    number = 2
    while path.exists():
        path = log_dir / f"agent-{stamp}-{number}.log"
        number += 1
    return path


def _stamp_of(path: Path) -> datetime:
    found = _ROTATED.match(path.name)
    assert found is not None  # noqa: S101 - rotated_paths gives no other name
    return datetime.strptime(found[1], _STAMP).replace(tzinfo=UTC)


def _first_at(path: Path) -> datetime | None:
    """The time of the file's first entry; None where it cannot be read."""
    try:
        with path.open("rb") as file:
            at = json.loads(file.readline(65_536))["at"]
        return datetime.fromisoformat(at).astimezone(UTC)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _ends_whole(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _recovered_line(now: datetime, dropped: int) -> bytes:
    at = now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    entry = {"at": at, "level": "warning", "event": "log.recovered", "dropped": dropped}
    return json.dumps(entry, separators=(",", ":")).encode() + b"\n"


def _unlink(path: Path) -> None:
    _quietly(lambda: path.unlink(missing_ok=True))


def _quietly(act: Callable[[], object]) -> bool:
    """Whether `act` worked; a file in another program's hands is left for the next time."""
    try:
        act()
    except OSError:
        return False
    return True
