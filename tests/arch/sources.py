"""The project's own files, as the architecture's tests read them."""

from __future__ import annotations

import ast
import functools
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
PRODUCTION = ("agent", "tray", "config")


def relative(path: Path) -> str:
    """The path as the lists of exceptions name it."""
    return path.relative_to(ROOT).as_posix()


@functools.cache
def production_modules() -> tuple[Path, ...]:
    """Every Python file that is shipped, or that lies beside what is shipped."""
    found = [path for top in PRODUCTION for path in sorted((ROOT / top).rglob("*.py"))]
    assert len(found) > 50, "the tests look at the wrong folder"
    return tuple(found)


@functools.cache
def sql_files() -> tuple[Path, ...]:
    """Every SQL file that is shipped."""
    return tuple(sorted((ROOT / "agent").rglob("*.sql")))


@functools.cache
def tree_of(path: Path) -> ast.Module:
    """The parsed file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


@functools.cache
def project_files() -> tuple[Path, ...]:
    """Every file of the project: known to git, or new and not ignored. No build products."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):  # an unpacked archive: no git there
        return tuple(path for top in _TOPS for path in sorted((ROOT / top).rglob("*")) if _is(path))
    names = sorted(name for name in listed.decode().split("\0") if name)
    return tuple(path for path in (ROOT / name for name in names) if path.is_file())


_TOPS = ("agent", "tray", "config", "tests", "packaging", "bench", "docs")


def _is(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts
