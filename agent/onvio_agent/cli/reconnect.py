"""`onvio-agent reconnect`: one click on the icon, from a terminal."""

from __future__ import annotations

import click

from onvio_agent.cli.acting import connect
from onvio_agent.cli.board import icon_lines, show, user_of
from onvio_agent.contract.status import IconState
from onvio_agent.i18n import _


@click.command(name="reconnect", help=_("Check now and connect again, ending a pause."))
@click.argument("login", required=False)
def command(login: str | None) -> int:
    """Exit codes: 0 green, 1 not connected, 3 the agent is not running, 4 unknown login."""
    snapshot = connect().reconnect(login)
    user = user_of(snapshot, login) if login is not None else None
    icon = user.icon if user else snapshot.icon
    show(icon_lines(icon, user))
    return 0 if icon.state is IconState.GREEN else 1
