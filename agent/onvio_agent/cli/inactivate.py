"""`onvio-agent inactivate`: *Ativo* to *Inativo* (S8): the link ends and its e-mail is free."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from onvio_agent.cli.acting import acting, acting_options
from onvio_agent.i18n import _

YES = ("s", "sim", "y", "yes")
"""In either language, whatever the prompt speaks."""


@click.command(name="inactivate", help=_("Set a user to Inativo and free the e-mail."))
@click.argument("login")
@click.option("--yes", "confirmed", is_flag=True, help=_("Do it without asking again."))
@click.option(
    "--successor",
    metavar="LOGIN",
    help=_("Who becomes the Gerente in the same step, where the Gerente is inactivated."),
)
@acting_options
def command(
    login: str,
    confirmed: bool,
    successor: str | None,
    as_login: str | None,
    as_password_path: Path | None,
) -> int:
    """Exit codes: 0 inactive, 3 the agent is not running, 4 refused or not confirmed."""
    with acting(as_login, as_password_path) as agent:
        if not confirmed and sys.stdin.isatty():
            confirmed = _confirm(login)
        agent.inactivate(login, confirmed=confirmed, successor=successor)
    click.echo(_("{login} is Inativo; the e-mail is free.").replace("{login}", login))
    if successor is not None:
        click.echo(_("{login} is the Gerente now.").replace("{login}", successor))
    return 0


def _confirm(login: str) -> bool:
    question = _("End the link of {login} and free the e-mail? [y/N]").replace("{login}", login)
    answer = click.prompt(question, default="", show_default=False, err=True)
    return str(answer).strip().casefold() in YES
