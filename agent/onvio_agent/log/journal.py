"""Log entries for systemd's journal, by its native protocol: one datagram an entry, its keys as fields.

An adapter. The log file remains the record: what the journal does not take at once, or at all, is in
there. Field names are stable: `ONVIO_EVENT`, `ONVIO_REASON` and so on, as in docs/events.md.
"""

from __future__ import annotations

import contextlib
import re
import socket
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from onvio_agent.log.text import details

IDENTIFIER = "onvio-agent"
PREFIX = "ONVIO_"
PRIORITIES = {"debug": 7, "info": 6, "warning": 4, "error": 3}
"""syslog's numbers for the levels."""

VALUE_MAX_BYTES = 16_384
"""A datagram may have some 200 KB; only tracebacks are long, and the file holds them whole."""

_FOREIGN_TO_NAMES = re.compile(r"[^A-Z0-9_]")


class JournalSink:
    """Takes the lines of the log file; those that cannot be handed over are dropped."""

    def __init__(self, path: str) -> None:
        self._path = path

    def write(self, line: str) -> None:
        """See `Sink.write`."""
        if sys.platform != "linux":
            return
        with contextlib.suppress(OSError, msgspec.MsgspecError):
            message = datagram(msgspec.json.decode(line, type=dict[str, Any]))
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as way:
                way.setblocking(False)
                way.sendto(message, self._path)


def datagram(entry: Mapping[str, Any]) -> bytes:
    """One entry in the native protocol. Keys that are null are left out."""
    return b"".join(_field(name, text) for name, text in _fields(entry))


def _fields(entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "MESSAGE", " ".join(part for part in (str(entry.get("event")), details(entry)) if part)
    yield "PRIORITY", str(PRIORITIES.get(str(entry.get("level")), 6))
    yield "SYSLOG_IDENTIFIER", IDENTIFIER
    for key, value in entry.items():
        if value is not None:
            text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
            yield PREFIX + _FOREIGN_TO_NAMES.sub("_", key.upper()), text


def _field(name: str, text: str) -> bytes:
    """With its length before it: then a value may hold line breaks."""
    value = text.encode(errors="replace")[:VALUE_MAX_BYTES].decode(errors="ignore").encode()
    return name.encode() + b"\n" + len(value).to_bytes(8, "little") + value + b"\n"
