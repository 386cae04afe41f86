"""`onvio-agent portal`: *[x] Utiliza Portal do Cliente*, the second confirmation of S6."""

from __future__ import annotations

from pathlib import Path

import click

from onvio_agent.cli.acting import acting, acting_options
from onvio_agent.cli.board import icon_lines, show
from onvio_agent.cli.dialogue import complete, just_reset_option
from onvio_agent.cli.passwords import otp_option, password_option, read_password
from onvio_agent.i18n import _


@click.command(name="portal", help=_("Confirm Utiliza Portal do Cliente for a linked user."))
@click.argument("login")
@click.option(
    "--email",
    required=True,
    metavar="E-MAIL",
    help=_("Usuário para acessar ONVIO/Suporte: the same e-mail as in the link."),
)
@password_option
@otp_option
@just_reset_option
@acting_options
def command(
    login: str,
    email: str,
    from_stdin: bool,
    otp_from_stdin: bool,
    just_reset: bool,
    as_login: str | None,
    as_password_path: Path | None,
) -> int:
    """Exit codes: 0 confirmed, 3 the agent is not running, 4 refused, 5 ONVIO not reached."""
    with acting(as_login, as_password_path) as agent:
        password = read_password(_("Senha (of ONVIO, not of Domínio)"), from_stdin=from_stdin)
        answer = agent.confirm_portal(login, email, password, just_reset=just_reset)
        user = complete(agent, login, answer, from_stdin=otp_from_stdin)
    show(icon_lines(user.icon, user))
    return 0
