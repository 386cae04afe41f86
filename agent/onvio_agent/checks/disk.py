"""Rung *disk*: is there room, and may we write, in the folders of data and logs? Nothing is made."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from onvio_agent.checks.finding import Broken
from onvio_agent.errors import fill
from onvio_agent.i18n import _

LEAST_BYTES = 10_000_000
"""Less than two log files and the data file's own log: soon nothing could be saved."""


async def check(folders: Sequence[Path]) -> str:
    """The room that is left; store.full, store.unwritable."""
    free = [_free_bytes(folder) for folder in folders]
    return fill(_("{n} GB free"), {"n": f"{min(free) / 1e9:.1f}"})


def _free_bytes(folder: Path) -> int:
    try:
        place = next(each for each in (folder, *folder.parents) if each.exists())
        free = shutil.disk_usage(place).free
    except (OSError, StopIteration) as error:
        raise Broken("store.unwritable", str(folder)) from error
    if not os.access(place, os.W_OK | os.X_OK):
        raise Broken("store.unwritable", str(folder))
    if free < LEAST_BYTES:
        raise Broken("store.full", f"{folder}: {free / 1e6:.1f} MB")
    return free
