"""The program as a user has it: installed, without the development tools, nothing editable.

An editable install and tools that libraries pick up when they are there (rich) cost 40 ms at each
start that no user pays. The environment is made of what is installed here, without a network; the
project itself is copied, so that its sources may change while the benchmark runs.
"""

from __future__ import annotations

import compileall
import re
import shutil
import venv
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_OWN = ("agent/onvio_agent", "tray/onvio_tray", "config/onvio_config")
_NAME = re.compile(r"([A-Za-z0-9._-]+)==", re.MULTILINE)
_SCRIPT = "#!{python}\nimport sys\nfrom onvio_agent.cli.main import main\nsys.exit(main())\n"


def install(folder: Path) -> Path:
    """A virtual environment in `folder` with the runtime dependencies; its `python`."""
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    site_dir = next((folder / "lib").glob("python*")) / "site-packages"
    for entry in sorted(set(_entries())):  # a namespace package belongs to several
        (site_dir / entry.name).symlink_to(entry)
    for own in _OWN:
        copy = site_dir / Path(own).name
        shutil.copytree(ROOT / own, copy, ignore=shutil.ignore_patterns("__pycache__"))
        compileall.compile_dir(copy, quiet=1)
    compileall.compile_dir(site_dir, maxlevels=0, quiet=1)
    script = folder / "bin" / "onvio-agent"
    script.write_text(_SCRIPT.format(python=python))
    script.chmod(0o755)
    return python


def _entries() -> Iterator[Path]:
    """The top-level files and folders of every locked runtime dependency that is installed."""
    locked = (ROOT / "requirements" / "runtime.txt").read_text(encoding="utf-8")
    for name in _NAME.findall(locked):
        try:
            found = distribution(name)
        except PackageNotFoundError:  # another platform's
            continue
        yield from _top_level(found)


def _top_level(found: Distribution) -> Iterator[Path]:
    names = {file.parts[0] for file in found.files or ()} - {"..", "__pycache__"}
    for name in sorted(names):
        yield Path(str(found.locate_file(name)))
