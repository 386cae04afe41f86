"""`onvio-agent activate`: *Inativo* to *Ativo*. The user is not linked: that is a step of its own."""

from __future__ import annotations

from pathlib import Path

import click

from onvio_agent.cli.acting import acting, acting_options
from onvio_agent.cli.board import icon_lines, show
from onvio_agent.i18n import _


@click.command(name="activate", help=_("Set a user to Ativo again."))
@click.argument("login")
@acting_options
def command(login: str, as_login: str | None, as_password_path: Path | None) -> int:
    """Exit codes: 0 active, 3 the agent is not running, 4 refused."""
    with acting(as_login, as_password_path) as agent:
        user = agent.activate(login)
    show(icon_lines(user.icon, user))
    return 0
