"""Consistent copies of a data file, whole or not there, also while it is written.

Blocking. A copy holds all that the data file holds, sealed tokens included, and is as private.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from onvio_agent.store.durable import drop, sync_file, sync_folder

KEPT_COPIES = 3
"""Data files from before an upgrade: enough for an upgrade that proved bad some versions later."""

_PAGES = 1024  # a step of 4 MiB: whoever writes gets a turn between two


def copy_database(connection: sqlite3.Connection, target: Path) -> None:
    """What `connection` sees, as a file of its own at `target`; raises sqlite3.Error, OSError.

    Written whole under another name, then renamed: what lay at `target` is replaced at once.
    """
    draft = target.with_name(target.name + ".part")
    draft.unlink(missing_ok=True)
    os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        with closing(sqlite3.connect(draft)) as copy:
            connection.backup(copy, pages=_PAGES)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
        sync_file(draft)
        draft.replace(target)
    except BaseException:
        drop(draft)
        raise
    sync_folder(target.parent)


def keep_before_upgrade(connection: sqlite3.Connection, path: Path, schema: int) -> Path:
    """A copy beside the data file at `path`, named by its schema; the oldest of too many go."""
    target = path.with_name(f"{path.name}.schema-{schema}")
    copy_database(connection, target)
    for old in kept_before_upgrade(path)[KEPT_COPIES:]:
        old.unlink(missing_ok=True)
    return target


def kept_before_upgrade(path: Path) -> Sequence[Path]:
    """The copies beside the data file at `path`, of the newest schema first."""
    pattern = re.compile(re.escape(path.name) + r"\.schema-(\d+)")
    found = [
        (match, each) for each in path.parent.iterdir() if (match := pattern.fullmatch(each.name))
    ]
    return [each for match, each in sorted(found, key=lambda pair: -int(pair[0][1]))]
