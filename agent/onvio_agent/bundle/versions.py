"""Which program, Python, system and libraries: what a support person asks first."""

from __future__ import annotations

import platform
import re
import ssl
import sys
from importlib import metadata

from onvio_agent import __version__

_NAME = re.compile(r"[A-Za-z0-9._-]+")


def versions() -> dict[str, object]:
    """Versions by name; a library that says none is left out. Never the machine's name."""
    return {
        "onvio_agent": __version__,
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "frozen": bool(getattr(sys, "frozen", False)),
        "system": platform.system(),
        "release": platform.release(),
        "machine": platform.machine(),
        "openssl": ssl.OPENSSL_VERSION,
        "dependencies": _dependencies(),
    }


def _dependencies() -> list[dict[str, str]]:
    try:
        required = metadata.requires("onvio-agent") or []
    except metadata.PackageNotFoundError:
        return []
    found = []
    for line in required:
        name = _NAME.match(line)
        if name is None:
            continue
        try:
            found.append({"name": name[0], "version": metadata.version(name[0])})
        except metadata.PackageNotFoundError:
            continue
    return found
