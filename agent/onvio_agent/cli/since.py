"""`--since`: a span back from now, or an instant."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import click

from onvio_agent.i18n import _

_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


class Since(click.ParamType):  # type: ignore[type-arg]  # generic only in newer clicks
    """`90s`, `15m`, `2h`, `7d`, `1w`, or an ISO date and time (local where it names no zone)."""

    name = "since"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """The instant, aware."""
        if isinstance(value, datetime):
            return value
        text = str(value).strip()
        span = re.fullmatch(r"(\d{1,6})([smhdw])", text)
        try:
            if span:
                return datetime.now(UTC) - timedelta(seconds=int(span[1]) * _UNITS_S[span[2]])
            return datetime.fromisoformat(text).astimezone(UTC)
        except (ValueError, OverflowError, OSError):
            wrong = _("{value} is neither a span (90s, 15m, 2h, 7d) nor a date (2026-03-04T10:00).")
            self.fail(wrong.replace("{value}", text), param, ctx)
