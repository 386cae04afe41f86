"""What the frozen programs are made of, as CycloneDX 1.5: the locked dependencies with their hashes."""

from __future__ import annotations

import json
import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

_PIN = re.compile(
    r"^([A-Za-z0-9._-]+)==([^\s;\\]+)((?:.*\\\n|.*$)(?:\s+--hash=.*\n?)*)", re.MULTILINE
)
_NOT_SHIPPED = ("setuptools",)


def sbom_json(root: Path, version: str) -> bytes:
    """The list, for the libraries of requirements/runtime.txt that this platform has."""
    locked = (root / "requirements" / "runtime.txt").read_text(encoding="utf-8")
    parts = [_component(name, pinned, rest) for name, pinned, rest in _PIN.findall(locked)]
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "component": {"type": "application", "name": "onvio-agent", "version": version}
        },
        "components": [part for part in parts if part is not None],
    }
    return (json.dumps(document, indent=2) + "\n").encode()


def _component(name: str, version: str, rest: str) -> dict[str, Any] | None:
    try:
        about = metadata(name)
    except PackageNotFoundError:  # another platform's
        return None
    if name in _NOT_SHIPPED:
        return None
    found: dict[str, Any] = {
        "type": "library",
        "name": name,
        "version": version,
        "purl": f"pkg:pypi/{name.lower()}@{version}",
        "hashes": [
            {"alg": "SHA-256", "content": each}
            for each in re.findall(r"--hash=sha256:([0-9a-f]{64})", rest)
        ],
    }
    licence = about.get("License-Expression") or about.get("License") or ""
    if licence and "\n" not in licence:
        found["licenses"] = [{"license": {"name": licence[:100]}}]
    return found
