"""`onvio-agent logs`: the agent's log, filtered, followed, for people or for tools.

Like every reading command it says so (exit 3) when no agent runs; `--offline` reads the files all
the same, to see why.
"""

from __future__ import annotations

import re
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta

import click

from onvio_agent.cli.frame import invocation
from onvio_agent.cli.output import paint, print_json, stop_if_nobody_reads
from onvio_agent.errors import NotRunning
from onvio_agent.i18n import _
from onvio_agent.lock import is_held
from onvio_agent.log.reader import Entry, Tail, Wanted, last_entries
from onvio_agent.log.text import human_line

_POLL_S = 0.25  # a person's eye; the file is looked at, nobody is asked
_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_COLOURS = {"warning": "yellow", "error": "red", "critical": "red"}


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


@click.command(name="logs", help=_("Read the agent's log."))
@click.option(
    "--level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    help=_("Only entries of this importance or more."),
)
@click.option("--event", metavar="PREFIX", help=_("Only events that begin so, e.g. link."))
@click.option("--user", metavar="LOGIN", help=_("Only entries about this user."))
@click.option(
    "--since",
    type=Since(),
    metavar="1h|ISO",
    help=_("Only entries since then: a span such as 1h, or a date and time."),
)
@click.option(
    "-n",
    "--lines",
    "count",
    type=click.IntRange(min=0),
    metavar="N",
    help=_("At most the newest N entries (50, or all with --since)."),
)
@click.option("-f", "--follow", is_flag=True, help=_("Go on showing what is added."))
@click.option("--json", "as_json", is_flag=True, help=_("The entries as JSON, one per line."))
@click.option("--offline", is_flag=True, help=_("Also while no agent is running."))
def command(
    level: str | None,
    event: str | None,
    user: str | None,
    since: datetime | None,
    count: int | None,
    follow: bool,
    as_json: bool,
    offline: bool,
) -> int:
    """Print the wanted entries, oldest first."""
    paths = invocation().paths
    log_dir = paths.log_dir
    if not offline and not is_held(paths.lock_path):
        hint = _("To read the log all the same: onvio-agent logs --offline ({folder})")
        click.echo(hint.replace("{folder}", str(log_dir)), err=True)
        raise NotRunning("agent.not_running")
    wanted = Wanted(level=level, event=event, user=user, since=since)
    tail = Tail(log_dir) if follow else None
    limit = 50 if count is None and since is None else count
    end = None if tail is None else tail.start
    for entry in last_entries(log_dir, wanted, limit, end=end):
        _show(entry, as_json)
    if tail is not None:
        with closing(tail):
            _follow(tail, wanted, as_json)
    return 0


def _follow(tail: Tail, wanted: Wanted, as_json: bool) -> None:
    """Until interrupted, or until nobody reads any more."""
    while True:
        for entry in tail.poll():
            if wanted.takes(entry):
                _show(entry, as_json)
        stop_if_nobody_reads()
        time.sleep(_POLL_S)


def _show(entry: Entry, as_json: bool) -> None:
    if as_json:
        print_json(entry, lines=True)
        return
    colour = _COLOURS.get(str(entry.get("level")))
    line = human_line(entry)
    click.echo(paint(line, colour) if colour else line)
