"""A bundle's file: whole and of this user alone, or not there."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Sequence
from pathlib import Path

from onvio_agent.errors import Refused
from onvio_agent.store import failures
from onvio_agent.store.durable import drop, sync_file, sync_folder


def check_target(target: Path) -> None:
    """Raises `Refused('bundle.exists')` where there is something of that name."""
    if target.exists() or target.is_symlink():
        raise Refused("bundle.exists", path=target)


def write_archive(target: Path, parts: Sequence[tuple[str, bytes]]) -> None:
    """The parts as a .zip at `target` (0600). Raises `Refused('bundle.exists')`, `StoreFailed`."""
    check_target(target)
    draft = target.with_name(target.name + ".draft")
    try:
        draft.unlink(missing_ok=True)
        handle = os.open(
            draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o600
        )
        with open(handle, "wb") as file, zipfile.ZipFile(file, "w") as archive:
            for name, content in parts:
                entry = zipfile.ZipInfo(name)  # its date is that of the format's beginning
                entry.external_attr = 0o600 << 16
                archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
        sync_file(draft)
        check_target(target)
        draft.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        raise failures.from_os(error, target) from error
    finally:
        drop(draft)
