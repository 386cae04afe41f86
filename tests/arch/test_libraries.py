"""Each library has one home in the code, and is declared as a dependency."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from arch.sources import ROOT, production_modules, relative, tree_of

A = "agent/onvio_agent/"

B = "tray/onvio_tray/backends/"

HOMES = {
    "PIL": [B + "pystray_.py"],
    "Xlib": [B + "x11*.py"],
    "apscheduler": [A + "timer.py"],
    "argon2": [A + "actions/manager.py"],
    "click": [A + "cli/*.py"],
    "cryptography": [A + "store/sealing.py", A + "simulator/serve_certificates.py"],
    "dbus_fast": [B + "dbus*.py", B + "notices.py", B + "sni*.py"],
    "h11": [A + "api/serve.py"],
    "httpx": [A + "onvio/httpx_*.py"],
    "jinja2": [A + "panel/render.py"],
    "keyring": [A + "store/key_ring.py"],
    "markupsafe": [A + "panel/render.py"],
    "platformdirs": ["config/onvio_config/paths.py"],
    "pystray": [B + "pystray_.py"],
    "secretstorage": [A + "store/key_ring.py"],
    "sqlite3": [A + "store/*.py"],
    "starlette": [A + "api/*.py", A + "panel/*.py", A + "simulator/serve_control.py"],
    "structlog": [A + "log/*.py"],
    "truststore": [A + "onvio/tls.py"],
    "uvicorn": [A + "api/serve.py", A + "simulator/serve*.py"],
}
"""Foreign errors and shapes are translated where the library lives, and known nowhere else."""

EVERYWHERE = ("msgspec",)

COMES_WITH = {"h11": "uvicorn", "markupsafe": "jinja2", "secretstorage": "keyring"}
"""Used directly, installed by another dependency that cannot do without it."""

NOT_IMPORTED = {
    "sniffio": "httpx's pool imports it at each request, and much faster where it is there",
}


def libraries_of(path: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def used() -> dict[str, list[str]]:
    """Libraries that are not plain standard library, and who imports them."""
    found: dict[str, list[str]] = {}
    for path in production_modules():
        for library in libraries_of(path):
            ours = library in ("onvio_agent", "onvio_config", "onvio_tray", "__future__")
            if not ours and (library in HOMES or library not in sys.stdlib_module_names):
                found.setdefault(library, []).append(relative(path))
    return found


def declared() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [re.split(r"[<>=~!\[; ]", item)[0] for item in project["dependencies"]]


def test_each_library_is_imported_at_home_only() -> None:
    strays = [
        f"{file} imports {library}"
        for library, files in used().items()
        if library not in EVERYWHERE
        for file in files
        if not any(fnmatch(file, home) for home in HOMES.get(library, ()))
    ]
    assert not strays


def test_no_home_is_empty() -> None:
    files = used()
    empty = [
        f"{library}: {home}"
        for library, homes in HOMES.items()
        for home in homes
        if not any(fnmatch(file, home) for file in files.get(library, ()))
    ]
    assert not empty


def test_every_library_is_declared_and_every_declared_one_is_used() -> None:
    names = {
        "argon2": "argon2-cffi",
        "PIL": "pillow",
        "Xlib": "python-xlib",
        "dbus_fast": "dbus-fast",
    }
    imported = {names.get(library, library) for library in used()} - {"sqlite3"}
    assert imported - set(COMES_WITH) == set(declared()) - set(NOT_IMPORTED)
