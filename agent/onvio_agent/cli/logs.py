"""`onvio-agent logs`: the agent's log, filtered, followed, for people or for tools.

Like every reading command it says so (exit 3) when no agent runs; `--offline` reads the files all
the same, to see why.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime

import click

from onvio_agent.cli.logs_summary import command as summary
from onvio_agent.cli.logs_summary import readable_dir
from onvio_agent.cli.output import paint, print_json, stop_if_nobody_reads
from onvio_agent.cli.since import Since
from onvio_agent.i18n import _
from onvio_agent.log.reader import Entry, Tail, Wanted, last_entries
from onvio_agent.log.text import CSV_HEAD, csv_row, human_line

_POLL_S = 0.25  # a person's eye; the file is looked at, nobody is asked
_COLOURS = {"warning": "yellow", "error": "red", "critical": "red"}


Show = Callable[[Entry], object]


@click.group(name="logs", invoke_without_command=True, help=_("Read the agent's log."))
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
@click.option("--csv", "as_csv", is_flag=True, help=_("The entries as CSV, for a spreadsheet."))
@click.option("--offline", is_flag=True, help=_("Also while no agent is running."))
@click.pass_context
def command(
    ctx: click.Context,
    level: str | None,
    event: str | None,
    user: str | None,
    since: datetime | None,
    count: int | None,
    follow: bool,
    as_json: bool,
    as_csv: bool,
    offline: bool,
) -> int:
    """Exit codes: 0 shown, oldest first, 3 the agent is not running."""
    if ctx.invoked_subcommand is not None:
        return 0
    if as_json and as_csv:
        raise click.UsageError(_("Either --json or --csv."))
    log_dir = readable_dir(offline=offline)
    show = _show_json if as_json else _csv_writer() if as_csv else _show_line
    wanted = Wanted(level=level, event=event, user=user, since=since)
    tail = Tail(log_dir) if follow else None
    limit = 50 if count is None and since is None else count
    end = None if tail is None else tail.start
    for entry in last_entries(log_dir, wanted, limit, end=end):
        show(entry)
    if tail is not None:
        with closing(tail):
            _follow(tail, wanted, show)
    return 0


def _follow(tail: Tail, wanted: Wanted, show: Show) -> None:
    """Until interrupted, or until nobody reads any more."""
    while True:
        for entry in tail.poll():
            if wanted.takes(entry):
                show(entry)
        stop_if_nobody_reads()
        time.sleep(_POLL_S)


def _show_json(entry: Entry) -> None:
    print_json(entry, lines=True)


def _show_line(entry: Entry) -> None:
    colour = _COLOURS.get(str(entry.get("level")))
    line = human_line(entry)
    click.echo(paint(line, colour) if colour else line)


def _csv_writer() -> Show:
    """What writes the head now, and a row for each entry."""
    import csv

    class Out:
        def write(self, text: str) -> None:
            click.echo(text, nl=False)

    writer = csv.writer(Out(), lineterminator="\n")
    writer.writerow(CSV_HEAD)
    return lambda entry: writer.writerow(csv_row(entry))


command.add_command(summary)
