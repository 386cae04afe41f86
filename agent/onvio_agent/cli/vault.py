"""`onvio-agent vault`: where the key of the ONVIO sessions lies, and a new one in its place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from onvio_agent.cli.acting import acting, acting_options, connect
from onvio_agent.cli.output import print_json
from onvio_agent.i18n import N_, _

if TYPE_CHECKING:
    from onvio_agent.contract.vault import VaultStatus

_STATES = {
    "unset": N_("Nothing has been sealed yet: the key is chosen with the first link."),
    "open": N_("The key can be had."),
    "locked": N_("The key cannot be had now; the agent waits for it."),
    "lost": N_("The key is gone: users must sign in again."),
}
_PLACES = {"keyring": N_("the system's keyring"), "file": N_("a file of this user")}


@click.group(name="vault", help=_("Show or change the key that protects the ONVIO sessions."))
def command() -> None:
    """See the module docstring."""


@command.command(name="status", help=_("Show where the key lies and whether it can be had."))
@click.option("--json", "as_json", is_flag=True, help=_("As one JSON document."))
def status(as_json: bool) -> int:
    """Exit codes: 0 the key can be had, or none is needed yet; 1 it cannot; 3 no agent."""
    found = connect().vault()
    if as_json:
        print_json(found)
    else:
        _show(found)
    return 0 if found.state in ("unset", "open") else 1


@command.command(name="rotate", help=_("Seal everything with a new key; nobody signs in again."))
@acting_options
def rotate(as_login: str | None, as_password_path: Path | None) -> int:
    """Exit codes: 0 done, 3 no agent, 4 not the Gerente, 5 the present key cannot be had."""
    with acting(as_login, as_password_path) as agent:
        _show(agent.vault(rotate=True))
    return 0


def _show(found: VaultStatus) -> None:
    click.echo(_(_STATES[found.state]))
    if found.kind is not None:
        text = _("It lies in {place} and is called {key_id}.")
        text = text.replace("{place}", _(_PLACES[found.kind]))
        click.echo(text.replace("{key_id}", str(found.key_id)))
