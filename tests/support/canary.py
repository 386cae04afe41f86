"""Planted secrets, and the search for them in everything that a program leaves behind.

Why: "no secret in any output" is a claim about all files, outputs and processes at once. A secret is
searched for in the forms in which it could have slipped out, not only as it is.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import quote, quote_plus

_PIECE = 20  # of a long random secret, this much in a row is a leak already


def forms(secret: str | bytes) -> list[bytes]:
    """The byte strings that would give `secret` away."""
    raw = secret if isinstance(secret, bytes) else secret.encode()
    found = [raw, raw.hex().encode(), raw.hex().upper().encode(), *_base64(raw)]
    if isinstance(secret, str):
        texts = [quote(secret), quote(secret, safe=""), quote_plus(secret), repr(secret)[1:-1]]
        texts += [json.dumps(secret)[1:-1], secret[::-1]]
        found += [text.encode() for text in texts]
        found += [secret.encode(code, "ignore") for code in ("latin-1", "utf-16-le")]
    if len(raw) >= 2 * _PIECE:
        found += [raw[:_PIECE], raw[-_PIECE:]]
    return list(dict.fromkeys(found))


def _base64(raw: bytes) -> list[bytes]:
    """As it looks inside a longer text, at each of the three alignments; both alphabets."""
    found = []
    for skipped in range(3):
        whole = base64.b64encode(b"\0" * skipped + raw)
        inner = whole[(0, 2, 3)[skipped] : len(whole) - 4]
        found += [inner, inner.replace(b"+", b"-").replace(b"/", b"_")]
    return found


def leaks(secrets: Mapping[str, str | bytes], places: Iterable[tuple[str, bytes]]) -> list[str]:
    """Which secret lies in which place, by their names: never the secret itself."""
    wanted = {name: forms(secret) for name, secret in secrets.items()}
    return [
        f"{name} in {place}"
        for place, content in places
        for name, needles in wanted.items()
        if any(needle in content for needle in needles)
    ]


def files_below(*folders: Path) -> list[tuple[str, bytes]]:
    """Every file below these folders, by its path from there."""
    return [
        (str(path.relative_to(folder)), path.read_bytes())
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]


def process_bytes(pid: int) -> bytes:
    """Arguments and environment of a process, as everybody of this account can read them."""
    try:
        folder = Path(f"/proc/{pid}")
        return (folder / "cmdline").read_bytes() + b"\0" + (folder / "environ").read_bytes()
    except OSError:
        return b""
