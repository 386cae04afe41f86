"""Resolve the dependencies of pyproject.toml into requirements/*.txt, with hashes, for all platforms.

Needs `uv` on the PATH (`pip install uv`); nothing else in the project does.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
COMMON = (
    "uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11",
    "--generate-hashes", "--no-annotate", "--no-header", "pyproject.toml",
)  # fmt: skip
OUTPUTS = {"runtime.txt": ("--group", "build"), "dev.txt": ("--group", "dev")}


def main() -> int:
    """Write both lock files; the exit code of the first resolver run that fails."""
    for name, extra in OUTPUTS.items():
        command = (*COMMON, *extra, *sys.argv[1:], "-o", f"requirements/{name}")
        done = subprocess.run(command, cwd=ROOT, check=False)
        if done.returncode:
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
