"""Structured logs: one JSON object per line, for admins and their tools.

A log is built once, from the outside, and passed in; nothing is configured globally. Every entry
has `at`, `level`, `event`; the events and their keys are in docs/events.md. Logging never raises
and never shows a secret.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Mapping, MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol, cast

import msgspec

from onvio_agent.clock import Clock
from onvio_agent.log.file import LogFile
from onvio_agent.log.redaction import Redactor
from onvio_agent.log.repeats import Repeats
from onvio_agent.log.text import human_line

__all__ = [
    "JOURNAL_PATH",
    "LEVELS",
    "Log",
    "LogFile",
    "Redactor",
    "Repeats",
    "build_log",
    "wrap_log",
]

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
"""Levels by name, the least important first."""

JOURNAL_PATH = "/run/systemd/journal/socket"
"""Where systemd's journal listens."""


class Log(Protocol):
    """What the rest of the agent knows of logs. `event` is a constant, as in docs/events.md."""

    def debug(self, event: str, **keys: Any) -> Any:
        """For a developer."""

    def info(self, event: str, **keys: Any) -> Any:
        """Something changed as it should."""

    def warning(self, event: str, **keys: Any) -> Any:
        """A trouble that the agent deals with by itself."""

    def error(self, event: str, **keys: Any) -> Any:
        """A person has to act, or there is a bug; `exc_info=True` adds the traceback."""

    def bind(self, **keys: Any) -> Log:
        """A log that adds `keys` to each entry."""


class Sink(Protocol):
    """Where lines go."""

    def write(self, line: str) -> None:
        """Take one line without its end; never raises."""


def build_log(
    log_dir: Path,
    level: str = "info",
    max_bytes: int = 5_000_000,
    files: int = 10,
    days: int = 30,
    *,
    clock: Clock,
    stderr: bool = False,
    journal_path: str | None = None,
    redactor: Redactor | None = None,
) -> Log:
    """A log that writes `agent.log` in `log_dir`; `stderr` also shows each entry there, `journal_path`
    is the socket of systemd's journal where that is to have them as well."""
    sink: Sink = LogFile(log_dir, max_bytes=max_bytes, files=files, days=days, clock=clock)
    if journal_path is not None:
        from onvio_agent.log.journal import JournalSink  # few want it

        sink = _Both(sink, JournalSink(journal_path))
    return wrap_log(sink, level, clock=clock, stderr=stderr, redactor=redactor)


def wrap_log(
    sink: Sink,
    level: str = "info",
    *,
    clock: Clock,
    stderr: bool = False,
    redactor: Redactor | None = None,
) -> Log:
    """A log over any sink: a LogFile, or a list of lines in a test."""
    # 15 ms beside asyncio, which the agent needs anyway and commands do not (60 ms more where
    # rich is installed, which structlog.dev imports: with the development tools only).
    import structlog

    hides = redactor or Redactor()
    wrapped = structlog.wrap_logger(
        _Lines(sink, stderr),
        processors=[_Stamp(clock), _Redact(hides), _whole],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        context_class=dict,
    )
    return cast("Log", wrapped.bind())


class _Both:
    """Two sinks as one; the first is the record."""

    def __init__(self, first: Sink, second: Sink) -> None:
        self._sinks = (first, second)

    def write(self, line: str) -> None:
        for sink in self._sinks:
            sink.write(line)


class _Lines:
    """The end of the chain: one method per level, as structlog asks for."""

    def __init__(self, sink: Sink, stderr: bool) -> None:
        self._sink = sink
        self._stderr = stderr

    def _line(self, entry: Mapping[str, Any]) -> None:
        self._sink.write(msgspec.json.encode(entry).decode())
        if self._stderr:
            _show(human_line(entry))

    debug = info = warning = error = critical = _line


class _Stamp:
    """`at`, `level` and `event` before everything else; a caller cannot replace them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def __call__(
        self, logger: object, method: str, entry: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        head = {"at": rfc3339(self._clock.wall()), "level": method, "event": entry.pop("event")}
        return head | {key: value for key, value in entry.items() if key not in head}


class _Redact:
    """Plain data without secrets, whatever was passed."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor

    def __call__(
        self, logger: object, method: str, entry: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        trace = _traceback(entry.pop("exc_info", None))
        shown = {key: self._redactor.value(key, value) for key, value in entry.items()}
        if trace:
            shown["exception"] = self._redactor.trace(trace)
        return shown


def _whole(
    logger: object, method: str, entry: Mapping[str, Any]
) -> tuple[tuple[Mapping[str, Any]], dict[str, Any]]:
    return (entry,), {}


def rfc3339(at: datetime) -> str:
    """An aware time as the log writes it: UTC, milliseconds, `Z`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _traceback(exc_info: object) -> str:
    error = sys.exc_info()[1] if exc_info is True else exc_info
    if isinstance(error, tuple):
        error = error[1]
    if not isinstance(error, BaseException):
        return ""
    try:
        return "".join(traceback.format_exception(error))
    except Exception:
        return type(error).__name__


def _show(line: str) -> None:
    try:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        return
