"""`onvio-agent status`: whether this office, or one user, is connected to ONVIO.

Everything shown comes from the running agent; without one there is nothing on stdout.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from onvio_agent.cli.acting import connect
from onvio_agent.cli.board import (
    chosen_icon,
    office_lines,
    show,
    summary,
    user_lines,
    user_of,
    user_summary,
)
from onvio_agent.cli.output import print_json, stop_if_nobody_reads
from onvio_agent.contract.status import IconState, Snapshot
from onvio_agent.errors import NotRunning
from onvio_agent.i18n import _

if TYPE_CHECKING:
    from onvio_agent.client import Agent

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
    _watch(agent, login, as_json)
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


def _watch(agent: Agent, login: str | None, as_json: bool) -> None:
    """Show what the stream brings, until the agent ends; where nobody draws, only what changes."""
    shown = ""
    for snapshot in agent.stream():
        if snapshot is None:  # a sign of life without news
            stop_if_nobody_reads()
            continue
        chosen_icon(snapshot, login)
        if as_json:
            print_json(snapshot, lines=True)
        elif sys.stdout.isatty():
            click.echo(_REDRAW, nl=False)
            show(_screen(snapshot, login))
        else:
            line = summary(snapshot) if login is None else user_summary(user_of(snapshot, login))
            if line != shown:
                click.echo(f"{datetime.now().astimezone():%H:%M:%S} {line}")
            shown = line
