"""The lock that makes one agent per profile, and the only truth about "is it running".

An adapter: it waits for other processes, so it may look at the clock. The operating system drops the
lock when its holder ends, however it ends; the number of the process beside it is believed only while
the lock is held. The file is never removed: two processes would hold two files of one name.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from onvio_agent.errors import Failed, StoreFailed

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_POLL_S = 0.01
_PID_WAIT_S = 5.0  # microseconds pass from lock to number, unless the disk stalls just then
_PID_AT = 1  # Windows lets nobody else read a locked byte: byte 0 is locked, the number follows it
_PID_MAX_BYTES = 20
_BINARY = getattr(os, "O_BINARY", 0)


class ProfileLock:
    """The lock in the file at `path`. `acquire` it for as long as the process owns the profile."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    def acquire(self, timeout_s: float = 0.0) -> None:
        """Take it within `timeout_s`: whoever only looks at it holds it for an instant.

        Raises `Failed('agent.already_running')` with the holder's pid, `StoreFailed` where the file
        cannot be made.
        """
        deadline = time.monotonic() + timeout_s
        handle = self._open()
        while not _try_lock(handle, shared=False):
            if time.monotonic() >= deadline:
                os.close(handle)
                raise Failed("agent.already_running", pid=_read_pid(self._path) or "?")
            time.sleep(_POLL_S)
        _write_pid(handle)
        self._handle = handle

    def release(self) -> None:
        """Give it back; nothing happens where it is not held."""
        if self._handle is not None:
            handle, self._handle = self._handle, None
            _unlock(handle)
            os.close(handle)

    def _open(self) -> int:
        try:
            return os.open(self._path, os.O_RDWR | os.O_CREAT | _BINARY, 0o600)
        except OSError as error:
            raise StoreFailed("store.unwritable", path=self._path) from error


def is_held(path: Path) -> bool:
    """Whether some process holds the lock at this instant. Makes no file."""
    try:
        handle = os.open(path, os.O_RDONLY | _BINARY)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise StoreFailed("store.unwritable", path=path) from error
    try:
        if not _try_lock(handle, shared=True):
            return True
        _unlock(handle)
        return False
    finally:
        os.close(handle)


def holder_pid(path: Path, patience_s: float = _PID_WAIT_S) -> int | None:
    """The process that holds the lock; None where nobody does.

    Raises `Failed('agent.not_answering')` where it is held and its holder does not say who it is
    within `patience_s`.
    """
    deadline = time.monotonic() + patience_s
    while is_held(path):
        pid = _read_pid(path)
        if pid is not None:
            return pid
        if time.monotonic() >= deadline:
            raise Failed("agent.not_answering", pid="?")
        time.sleep(_POLL_S)
    return None


def _write_pid(handle: int) -> None:
    os.ftruncate(handle, 0)
    os.lseek(handle, 0, os.SEEK_SET)
    os.write(handle, b" " * _PID_AT + f"{os.getpid()}\n".encode())


def _read_pid(path: Path) -> int | None:
    try:
        handle = os.open(path, os.O_RDONLY | _BINARY)
    except OSError:
        return None
    try:
        os.lseek(handle, _PID_AT, os.SEEK_SET)
        text = os.read(handle, _PID_MAX_BYTES)
    except OSError:
        return None
    finally:
        os.close(handle)
    number = text.rstrip(b"\n")
    return int(number) if text.endswith(b"\n") and number.isdigit() and int(number) > 0 else None


if sys.platform == "win32":

    def _try_lock(handle: int, *, shared: bool) -> bool:
        os.lseek(handle, 0, os.SEEK_SET)
        try:
            # It knows no shared lock: two who only look may see each other, for an instant.
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(handle: int) -> None:
        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)

else:

    def _try_lock(handle: int, *, shared: bool) -> bool:
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX  # lookers do not see each other
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)
