"""`onvio-agent setup`: the Gerente of this agent, and the *senha do Gerente neste agente*.

Works on the profile itself while no agent runs on it. The password is neither the Domínio one nor
the ONVIO one.
"""

from __future__ import annotations

import click

from onvio_agent.cli.frame import invocation
from onvio_agent.cli.passwords import password_option, read_password
from onvio_agent.i18n import _


@click.command(name="setup", help=_("Create the Gerente of this agent and the Gerente's password."))
@click.option("--login", metavar="LOGIN", help=_("The Gerente's login in Domínio."))
@click.option("--name", help=_("The Gerente's name."))
@password_option
@click.option(
    "--reset-password", "reset", is_flag=True, help=_("Only choose a new password; forgotten one.")
)
def command(login: str | None, name: str | None, from_stdin: bool, reset: bool) -> int:
    """Exit codes: 0 written, 4 there is a Gerente already, 5 an agent runs on this profile."""
    from onvio_agent.app import set_up

    if not reset and not (login and name):
        raise click.UsageError(_("Give --login and --name of the Gerente."))
    calls = invocation()
    settings, paths = calls.settings, calls.paths
    set_up(settings, paths, login or "", name or "", None, reset=reset)  # before anything is asked
    prompt = _("New password of the Gerente in this agent")
    password = read_password(prompt, from_stdin=from_stdin, twice=True)
    set_up(settings, paths, login or "", name or "", password, reset=reset)
    if reset:
        click.echo(_("The Gerente's password in this agent is changed."))
        return 0
    click.echo(_("{login} is the Gerente of this agent.").replace("{login}", login or ""))
    click.echo(_("Next: onvio-agent start, then link the Gerente to ONVIO."))
    return 0
