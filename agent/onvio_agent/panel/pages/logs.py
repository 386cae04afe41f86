"""*Registros*: the agent's log, filtered, followed, and taken along as a file."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import msgspec
from starlette.responses import Response, StreamingResponse

from onvio_agent.i18n import N_
from onvio_agent.log.reader import Entry, Wanted, last_entries, log_paths, read_file
from onvio_agent.log.text import details
from onvio_agent.panel.page import Page, get
from onvio_agent.panel.turn import Turn

ROWS_MAX = 200
"""Entries of one page: some screens."""

FOLLOW_MS = 3000
"""Between two looks while following: a person's eye, not a machine's."""

LEVELS = {
    "debug": N_("all"),
    "info": N_("information"),
    "warning": N_("warnings"),
    "error": N_("errors"),
}
PERIODS = {
    "1h": (N_("last hour"), timedelta(hours=1)),
    "24h": (N_("last 24 hours"), timedelta(days=1)),
    "7d": (N_("last 7 days"), timedelta(days=7)),
    "all": (N_("everything"), None),
}
_CHUNK = 500


async def _show(turn: Turn) -> Response:
    period, wanted = _wanted(turn)
    folder = turn.workstation.paths.log_dir
    found = await turn.workstation.aside.run(lambda: last_entries(folder, wanted, ROWS_MAX))
    return turn.show(
        "logs.html",
        rows=[_row(entry) for entry in reversed(found)],
        rows_max=ROWS_MAX,
        levels=LEVELS,
        periods={name: label for name, (label, _span) in PERIODS.items()},
        level=wanted.level,
        period=period,
        event=turn.query("event"),
        user=turn.query("user"),
        query=turn.request.url.query,
        follow_ms=FOLLOW_MS if turn.query("follow") else 0,
    )


async def _export(turn: Turn) -> Response:
    _period, wanted = _wanted(turn)
    entries = _entries(turn.workstation.paths.log_dir, wanted)

    async def lines() -> AsyncIterator[bytes]:
        while True:
            chunk = await turn.workstation.aside.run(lambda: list(islice(entries, _CHUNK)))
            if not chunk:
                return
            yield msgspec.json.Encoder().encode_lines(chunk)

    name = turn.desk.clock.wall().astimezone().strftime("onvio-agent-%Y-%m-%d-%H%M.jsonl")
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(lines(), 200, headers, "application/jsonl")


class _Row(NamedTuple):
    """One entry; whatever the file says, as text."""

    at: str
    level: str
    event: str
    details: str
    trace: str


def _row(entry: Entry) -> _Row:
    at, level, event, trace = (
        str(entry.get(name, "")) for name in ("at", "level", "event", "exception")
    )
    return _Row(at, level, event, details(entry), trace)


def _wanted(turn: Turn) -> tuple[str, Wanted]:
    """The period's name, and what is asked for; what is unknown counts as not said."""
    level, period = turn.query("level"), turn.query("period")
    period = period if period in PERIODS else "24h"
    span = PERIODS[period][1]
    return period, Wanted(
        level=level if level in LEVELS else "info",
        event=turn.query("event") or None,
        user=turn.query("user") or None,
        since=None if span is None else turn.desk.clock.wall() - span,
    )


def _entries(folder: Path, wanted: Wanted) -> Iterator[Entry]:
    """All that are wanted, oldest first."""
    for path in log_paths(folder):
        yield from (entry for entry in read_file(path) if wanted.takes(entry))


PAGE = Page(N_("Logs"), (get("/logs", _show), get("/logs/export", _export)))
