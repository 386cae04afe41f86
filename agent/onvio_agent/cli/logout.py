"""`onvio-agent logout`: end the Gerente's session that `login` kept."""

from __future__ import annotations

import contextlib

import click

from onvio_agent.cli import kept_session
from onvio_agent.cli.acting import connect
from onvio_agent.cli.frame import invocation
from onvio_agent.errors import Refused
from onvio_agent.i18n import _


@click.command(name="logout", help=_("End the Gerente's session."))
def command() -> int:
    """Exit codes: 0 there is no session any more, 3 the agent is not running."""
    path = invocation().paths.session_path
    kept = kept_session.read(path)
    was_there = kept_session.forget(path)
    agent = connect()
    if kept is not None and kept.boot_id == agent.boot_id:
        agent.session = kept.session
        with contextlib.suppress(Refused):  # it had ended by itself
            agent.sign_out()
    click.echo(_("Signed out.") if was_there else _("Nobody was signed in."))
    return 0
