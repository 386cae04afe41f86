"""`onvio-agent status`: whether this office, or one user, is connected to ONVIO.

Everything shown comes from the running agent; without one there is nothing on stdout.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click

from onvio_agent.cli.acting import connect
from onvio_agent.cli.board import change_line, chosen_icon, office_lines, show, user_lines, user_of
from onvio_agent.cli.output import print_json
from onvio_agent.contract.status import IconState, Snapshot
from onvio_agent.errors import NotRunning
from onvio_agent.i18n import _

_REDRAW = "\x1b[H\x1b[J"


@click.command(name="status", help=_("Show whether this office, or one user, is connected."))
@click.argument("login", required=False)
@click.option("--json", "as_json", is_flag=True, help=_("The whole status as one JSON document."))
@click.option("--watch", is_flag=True, help=_("Go on showing it; with --json one document a line."))
def command(login: str | None, as_json: bool, watch: bool) -> int:
    """Exit codes: 0 green, 1 not connected, 3 the agent is not running, 4 unknown login."""
    agent = connect()
    if not watch:
        snapshot = agent.status()
        icon = chosen_icon(snapshot, login)
        _show(snapshot, login, as_json)
        return 0 if icon.state is IconState.GREEN else 1
    for latest in agent.stream():
        _follow(latest, login, as_json)
    raise NotRunning("agent.not_running")


def _show(snapshot: Snapshot, login: str | None, as_json: bool) -> None:
    if as_json:
        print_json(snapshot)
        return
    show(_screen(snapshot, login))


def _screen(snapshot: Snapshot, login: str | None) -> list[str]:
    now = datetime.now(UTC)
    if login is None:
        return office_lines(snapshot, now)
    return user_lines(user_of(snapshot, login), now)


def _follow(snapshot: Snapshot | None, login: str | None, as_json: bool) -> None:
    """`None` is a sign of life without news."""
    if snapshot is None:
        return
    chosen_icon(snapshot, login)
    if as_json:
        print_json(snapshot, lines=True)
    elif sys.stdout.isatty():
        click.echo(_REDRAW, nl=False)
        show(_screen(snapshot, login))
    elif login is None:
        click.echo(change_line(snapshot, datetime.now(UTC)))
    else:
        show(_screen(snapshot, login)[:2])
