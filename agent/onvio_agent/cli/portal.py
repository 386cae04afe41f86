"""`onvio-agent portal`: *[x] Utiliza Portal do Cliente*, the second confirmation of S6."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from onvio_agent.cli.acting import acting, acting_options
from onvio_agent.cli.board import icon_lines, show
from onvio_agent.cli.signing_in import Ways, sign_in, way_options
from onvio_agent.i18n import _


@click.command(name="portal", help=_("Confirm Utiliza Portal do Cliente for a linked user."))
@click.argument("login")
@way_options(_("Usuário para acessar ONVIO/Suporte: the same e-mail as in the link."))
@acting_options
def command(login: str, as_login: str | None, as_password_path: Path | None, **ways: Any) -> int:
    """Exit codes: 0 confirmed, 3 the agent is not running, 4 refused, 5 ONVIO not reached."""
    chosen = Ways(**ways)
    chosen.check()
    with acting(as_login, as_password_path) as agent:
        user = sign_in(agent, login, "portal", chosen)
    show(icon_lines(user.icon, user))
    return 0
