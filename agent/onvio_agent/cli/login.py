"""`onvio-agent login`: prove to be the Gerente once, for the next commands.

The session ends by itself when it has been idle for `control.session_idle_s`, and with the agent.
"""

from __future__ import annotations

import click

from onvio_agent.cli import kept_session
from onvio_agent.cli.acting import connect
from onvio_agent.cli.frame import invocation
from onvio_agent.cli.passwords import password_option, read_password
from onvio_agent.errors import StoreFailed
from onvio_agent.i18n import _


@click.command(name="login", help=_("Sign in as the Gerente for the next commands."))
@click.option("--login", required=True, metavar="LOGIN", help=_("The Gerente's login."))
@password_option
def command(login: str, from_stdin: bool) -> int:
    """Exit codes: 0 signed in, 3 the agent is not running, 4 refused."""
    agent = connect()
    password = read_password(_("The Gerente's password in this agent"), from_stdin=from_stdin)
    token = agent.sign_in(login, password)
    path = invocation().paths.session_path
    try:
        kept_session.keep(path, kept_session.KeptSession(agent.boot_id, token))
    except OSError as error:
        raise StoreFailed("store.unwritable", path=path) from error
    click.echo(_("Signed in as the Gerente. End it with: onvio-agent logout"))
    return 0
