"""One log entry as a line for people. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

import msgspec

from onvio_agent.plain_text import clean

CSV_HEAD = ("at", "level", "event", "user", "reason", "more")
"""`more`: the other keys, as JSON."""

_HEAD = ("at", "level", "event", "exception")


def human_line(entry: Mapping[str, Any], zone: tzinfo | None = None) -> str:
    """`2026-03-04 10:22:05 info connection.changed from=… to=…`; the time in `zone` (local)."""
    parts = [_time(entry.get("at"), zone), f"{clean(str(entry.get('level', '?'))):<7}"]
    parts.append(clean(str(entry.get("event", "?"))))
    line = " ".join(part for part in (*parts, details(entry)) if part)
    trace = entry.get("exception")
    if isinstance(trace, str):
        line += "".join("\n    " + clean(row) for row in trace.splitlines())
    return line


def details(entry: Mapping[str, Any]) -> str:
    """What else the entry holds: `from=online to=offline`."""
    return " ".join(f"{clean(key)}={_value(entry[key])}" for key in entry if key not in _HEAD)


def csv_row(entry: Mapping[str, Any]) -> list[str]:
    """The cells for a spreadsheet: `CSV_HEAD`. None of them is taken for a formula there."""
    rest = {key: entry[key] for key in entry if key not in CSV_HEAD}
    cells = ["" if entry.get(key) is None else str(entry[key]) for key in CSV_HEAD[:-1]]
    cells.append(msgspec.json.encode(rest).decode() if rest else "")
    return [f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t")) else cell for cell in cells]


def _time(at: object, zone: tzinfo | None) -> str:
    try:
        moment = datetime.fromisoformat(str(at)).astimezone(zone)
    except (ValueError, OverflowError, OSError):
        return clean(str(at))[:23]
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def _value(value: object) -> str:
    if not isinstance(value, str):
        return clean(msgspec.json.encode(value).decode())
    shown = clean(value)
    return f'"{shown}"' if not shown or " " in shown or '"' in shown else shown
