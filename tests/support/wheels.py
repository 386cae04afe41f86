"""A wheel of this tree, built from a copy so that no build products are left in it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from arch.sources import project_files, relative

BUILT_FROM = ("pyproject.toml", "README.md", "LICENSE", "agent", "tray", "config")


def build_wheel(folder: Path) -> Path:
    """The wheel, made below `folder`."""
    source, out = folder / "source", folder / "wheel"
    for path in project_files():
        if relative(path).partition("/")[0] in BUILT_FROM:
            target = source / relative(path)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    done = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", str(out)],
        cwd=source,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    (wheel,) = out.glob("*.whl")
    return wheel
