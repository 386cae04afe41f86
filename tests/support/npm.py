"""What tests take from npm: pinned by a lock file, installed into a folder of theirs, never run while
it is installed. Skipped, with the reason, where Node.js or the registry is missing."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

_LIMIT_S = 120.0


def installed(source: Path, folder: Path) -> Path:
    """`folder`, with the files of `source` (a `package.json`, its lock) and what these ask for."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip(f"{source.name} needs Node.js and npm, which are not installed")
    shutil.copytree(source, folder, dirs_exist_ok=True)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=_LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired:
        pytest.skip(f"{source.name} could not be installed in time")
    if done.returncode != 0:
        pytest.skip(f"{source.name} cannot be installed: {done.stderr[-300:]}")
    return folder
