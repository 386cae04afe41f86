"""`onvio-agent logs summary`: outages by cause and users by downtime, from the log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from onvio_agent.cli.frame import invocation
from onvio_agent.cli.output import print_json, print_table
from onvio_agent.cli.since import Since
from onvio_agent.contract.reasons import CATALOGUE
from onvio_agent.errors import NotRunning
from onvio_agent.i18n import _, duration
from onvio_agent.lock import is_held
from onvio_agent.log.reader import Wanted, last_entries
from onvio_agent.log.summary import Downtime, summarize


@click.command(name="summary", help=_("Outages by cause and users by downtime, from the log."))
@click.option(
    "--since",
    type=Since(),
    default="7d",
    metavar="7d|ISO",
    help=_("From then on: a span such as 7d, or a date and time."),
)
@click.option("--json", "as_json", is_flag=True, help=_("As one JSON document."))
@click.option("--offline", is_flag=True, help=_("Also while no agent is running."))
def command(since: datetime, as_json: bool, offline: bool) -> int:
    """Exit codes: 0 shown, 3 the agent is not running."""
    log_dir = readable_dir(offline=offline)
    runs = is_held(invocation().paths.lock_path)
    entries = last_entries(log_dir, Wanted(), None)
    found = summarize(entries, since, datetime.now(UTC), runs=runs)
    if as_json:
        print_json(found)
        return 0
    for title, rows in (
        (_("Outages of the connection:"), found.outages),
        (_("Users who were not connected:"), found.users),
    ):
        click.echo(title)
        _show(rows)
        click.echo()
    errors = sum(found.troubles.values())
    told = _("Starts of the agent: {starts}. Errors in the log: {errors}.")
    click.echo(told.replace("{starts}", str(found.starts)).replace("{errors}", str(errors)))
    return 0


def readable_dir(*, offline: bool) -> Path:
    """The log's folder. Raises NotRunning where no agent runs, unless `offline`."""
    paths = invocation().paths
    if not offline and not is_held(paths.lock_path):
        hint = _("To read the log all the same: onvio-agent logs --offline ({folder})")
        click.echo(hint.replace("{folder}", str(paths.log_dir)), err=True)
        raise NotRunning("agent.not_running")
    return paths.log_dir


def _show(rows: Sequence[Downtime]) -> None:
    if not rows:
        click.echo(_("  none"))
        return
    of_users = rows[0].user is not None
    headers = [_("Time"), _("Times"), _("Cause"), _("Meaning")]
    table = [[duration(row.seconds), row.times, row.reason, _meaning(row.reason)] for row in rows]
    if of_users:
        headers.insert(0, _("User"))
        table = [[row.user, *cells] for row, cells in zip(rows, table, strict=True)]
    print_table(table, headers)


def _meaning(code: str | None) -> str | None:
    """The reason's sentence, where it needs nothing more to be said."""
    reason = CATALOGUE.get(code or "")
    return None if reason is None or "{" in reason.title else _(reason.title)
