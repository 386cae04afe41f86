"""`onvio-agent link`: *[x] Utiliza ONVIO* and the window *Usuário ONVIO* of S4, in a terminal.

The password is the ONVIO one. It is sent to the agent once and kept nowhere; with `--browser` it is
typed at ONVIO's own page and never comes here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from onvio_agent.cli.acting import acting, acting_options
from onvio_agent.cli.board import icon_lines, show
from onvio_agent.cli.signing_in import Ways, sign_in, way_options
from onvio_agent.i18n import _


@click.command(name="link", help=_("Link a user to an ONVIO account (Utiliza ONVIO)."))
@click.argument("login")
@way_options(_("Usuário no ONVIO: the e-mail."))
@click.option(
    "--confirm-administrator",
    "administrator_confirmed",
    is_flag=True,
    help=_("Vouch that the account is the office's ONVIO administrator; this is recorded."),
)
@click.option(
    "--confirm-office",
    "office_confirmed",
    is_flag=True,
    help=_("Vouch that the account is of this office, where ONVIO does not say it; recorded."),
)
@acting_options
def command(
    login: str,
    administrator_confirmed: bool,
    office_confirmed: bool,
    as_login: str | None,
    as_password_path: Path | None,
    **ways: Any,
) -> int:
    """Exit codes: 0 linked, 3 the agent is not running, 4 refused, 5 ONVIO could not be asked."""
    chosen = Ways(**ways)
    chosen.check()
    with acting(as_login, as_password_path) as agent:
        user = sign_in(
            agent,
            login,
            "link",
            chosen,
            administrator_confirmed=administrator_confirmed,
            office_confirmed=office_confirmed,
        )
    show(icon_lines(user.icon, user))
    return 0
