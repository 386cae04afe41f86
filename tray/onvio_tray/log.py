"""The tray's own log: one JSON object a line in `tray.log`, in the shape of the agent's.

Small, because the agent's log machinery would cost the tray more memory than all the rest of it. It
writes on changes only, never a secret (the tray knows none but the client's), and never raises.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from onvio_agent.plain_text import cut, escape

NAME = "tray.log"
MAX_BYTES = 1_000_000
"""Then the file becomes `tray.log.old`: thousands of changes, and two small files at most."""


class TrayLog:
    """Appends to `tray.log` in `folder`; `wall` gives the time of day (aware)."""

    def __init__(self, folder: Path, wall: Callable[[], datetime]) -> None:
        self._path = folder / NAME
        self._wall = wall

    def info(self, event: str, **keys: Any) -> None:
        """What happened."""
        self._write("info", event, keys)

    def warning(self, event: str, **keys: Any) -> None:
        """What the tray deals with by itself."""
        self._write("warning", event, keys)

    def error(self, event: str, **keys: Any) -> None:
        """What a person has to mend, or a bug."""
        self._write("error", event, keys)

    def _write(self, level: str, event: str, keys: dict[str, Any]) -> None:
        at = self._wall().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        texts = {key: _fit(value) for key, value in keys.items()}
        line = msgspec.json.encode({"at": at, "level": level, "event": event, **texts}) + b"\n"
        with contextlib.suppress(OSError):  # a full disk is the agent's to report
            handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            with open(handle, "ab") as file:
                file.write(line)
                size = file.tell()
            if size > MAX_BYTES:
                self._path.replace(self._path.with_name(f"{NAME}.old"))


def _fit(value: Any) -> Any:
    return cut(escape(value)) if isinstance(value, str) else value
