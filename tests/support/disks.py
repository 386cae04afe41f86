"""Small disks that a test fills to the last byte.

Why: what a full disk does is only seen on one.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


@contextmanager
def small_disk(folder: Path, mib: int = 1) -> Iterator[Path]:
    """A disk of that size at `folder`, which is made."""
    folder.mkdir(parents=True)
    size = f"size={mib}m"
    if not (IS_ROOT and run("mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder))):
        pytest.skip("needs root and mount for a small disk; the file-size limit is tested anyway")
    try:
        yield folder
    finally:
        run("umount", str(folder))


def fill_up(folder: Path) -> Path:
    """Leave no room on its disk; the file that took it."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (65536, 4096, 512, 1):
            try:
                while True:
                    file.write(b"f" * size)
            except OSError:
                continue
    return filler


def run(*command: str) -> bool:
    """Whether it went well."""
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
