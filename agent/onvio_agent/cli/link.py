"""`onvio-agent link`: *[x] Utiliza ONVIO* and the window *Usuário ONVIO* of S4, in a terminal.

The password is the ONVIO one. It is sent to the agent once and kept nowhere.
"""

from __future__ import annotations

from pathlib import Path

import click

from onvio_agent.cli.acting import acting, acting_options
from onvio_agent.cli.board import icon_lines, show
from onvio_agent.cli.dialogue import complete, just_reset_option
from onvio_agent.cli.passwords import otp_option, password_option, read_password
from onvio_agent.i18n import _


@click.command(name="link", help=_("Link a user to an ONVIO account (Utiliza ONVIO)."))
@click.argument("login")
@click.option("--email", required=True, metavar="E-MAIL", help=_("Usuário no ONVIO: the e-mail."))
@password_option
@otp_option
@just_reset_option
@click.option(
    "--confirm-administrator",
    "administrator_confirmed",
    is_flag=True,
    help=_("Vouch that the account is the office's ONVIO administrator; this is recorded."),
)
@acting_options
def command(
    login: str,
    email: str,
    from_stdin: bool,
    otp_from_stdin: bool,
    just_reset: bool,
    administrator_confirmed: bool,
    as_login: str | None,
    as_password_path: Path | None,
) -> int:
    """Exit codes: 0 linked, 3 the agent is not running, 4 refused, 5 ONVIO could not be asked."""
    with acting(as_login, as_password_path) as agent:
        password = read_password(_("Senha (of ONVIO, not of Domínio)"), from_stdin=from_stdin)
        answer = agent.link(
            login,
            email,
            password,
            administrator_confirmed=administrator_confirmed,
            just_reset=just_reset,
        )
        user = complete(agent, login, answer, from_stdin=otp_from_stdin)
    show(icon_lines(user.icon, user))
    return 0
