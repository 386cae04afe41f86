"""The vault's key in a file of its own, 0600: for workstations without a keyring.

It keeps the tokens from whoever reads the data file alone (a backup, a copied database), not from
the owner of the OS account.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from itertools import chain, count
from pathlib import Path

from onvio_agent.store.durable import sync_folder
from onvio_agent.store.key_places import KeyUnusable, PlaceClosed
from onvio_agent.store.sealing import KEY_BYTES, key_id

_TO_READ = os.O_RDONLY
for _flag in ("O_NOFOLLOW", "O_BINARY", "O_NONBLOCK"):  # the last: a pipe is not waited for
    _TO_READ |= getattr(os, _flag, 0)


class KeyFile:
    """`KeyPlace` in a file. Raises OSError where the folder cannot be used."""

    kind = "file"

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> bytes | None:
        """The key; what others can read is made private, what is not ours or no file is refused.
        What may not be read now is closed: its contents may well be the key."""
        try:
            if self._path.is_symlink():
                raise KeyUnusable("a symbolic link")
            if self._path.is_dir():
                raise KeyUnusable("a folder")
            handle = os.open(self._path, _TO_READ)
        except FileNotFoundError:
            return None
        except PermissionError as error:
            raise PlaceClosed("it may not be read") from error
        try:
            _check_owner(handle)
            key = os.read(handle, KEY_BYTES + 1)
        finally:
            os.close(handle)
        if len(key) != KEY_BYTES:
            raise KeyUnusable("not a key")
        return key

    def create(self, key: bytes) -> bytes:
        """Written whole under another name, then linked into place: never half a key, never over
        another one."""
        try:
            found = self.read()
        except KeyUnusable:
            self._path.rename(_free(_beside(self._path, ".unusable")))
            found = None
        if found is not None:
            return found
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Named after its key: two processes that come first at once do not share a draft.
        draft = _beside(self._path, f".new-{key_id(key)}")
        draft.unlink(missing_ok=True)
        _write(draft, key)
        # Another process was first, and may have swept this draft away already: its key counts.
        with contextlib.suppress(FileExistsError, FileNotFoundError):
            _link(draft, self._path)
        for left in self._path.parent.glob(f"{self._path.name}.new-*"):  # of killed ones, too
            left.unlink(missing_ok=True)
        sync_folder(self._path.parent)
        return self.read() or key

    def replace(self, key: bytes) -> None:
        """Written whole under another name, then renamed."""
        draft = _beside(self._path, f".new-{key_id(key)}")
        draft.unlink(missing_ok=True)
        _write(draft, key)
        draft.replace(self._path)
        sync_folder(self._path.parent)

    def remove(self) -> None:
        """The file is gone; its folder may not be there yet."""
        if self._path.exists() or self._path.is_symlink():
            self._path.unlink(missing_ok=True)
            sync_folder(self._path.parent)


def _check_owner(handle: int) -> None:
    if sys.platform != "win32":  # there the folder's access list, inherited, keeps others out
        info = os.fstat(handle)
        if not stat.S_ISREG(info.st_mode) or info.st_uid != os.geteuid():
            raise KeyUnusable("not our own file")
        if info.st_mode & 0o077:
            # It may have been read already; refusing it would only cost the office its sessions.
            os.fchmod(handle, 0o600)


def _write(path: Path, key: bytes) -> None:
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
    handle = os.open(path, flags, 0o600)
    try:
        os.write(handle, key)
        os.fsync(handle)
    finally:
        os.close(handle)


def _link(draft: Path, path: Path) -> None:
    try:
        os.link(draft, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links (some network shares)
        if path.exists():
            raise FileExistsError(path) from None
        draft.replace(path)


def _free(path: Path) -> Path:
    """`path`, or with the first number behind it that is free: nothing is kept in place of another."""
    numbered = (path.with_name(f"{path.name}-{n}") for n in count(1))
    return next(each for each in chain((path,), numbered) if not os.path.lexists(each))


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)
