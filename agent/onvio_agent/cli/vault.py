"""`onvio-agent vault`: where the key of the ONVIO sessions lies, and another one in its place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from onvio_agent.cli.acting import acting, acting_options, connect
from onvio_agent.cli.frame import invocation
from onvio_agent.cli.output import print_json
from onvio_agent.contract import reasons
from onvio_agent.errors import Refused
from onvio_agent.i18n import N_, _
from onvio_agent.plain_text import clean

if TYPE_CHECKING:
    from onvio_agent.contract.vault import VaultStatus

_AT_EASE = ("unset", "open", "restored", "unseen")
_STATES = {
    "unset": N_("Nothing has been sealed yet: the key is chosen with the first link."),
    "open": N_("The key can be had."),
    "restored": N_("The key was missing or spoilt in its place; the agent has put it back now."),
    "unseen": N_("The key is in use; whether it still lies in its place cannot be seen now."),
    "replaced": N_("The key is in use, but another one lies in its place."),
    "locked": N_("The key cannot be had now; the agent waits for it."),
    "lost": N_("The key is gone: something else lies in its place."),
}
_REPLACED = reasons.get("vault.replaced").next_step
_LOST = N_(
    "Put the right key back there, then run onvio-agent reconnect. Is it gone for good? "
    "onvio-agent vault renew, and everybody signs in again."
)
_HELP = {
    "locked": (
        N_(
            "Unlock the keyring (usually by signing in to the desktop); the agent goes on by itself."
        ),
        N_(
            "Put the file back where it was, readable for this user; the agent goes on by itself. "
            "Is it gone for good? onvio-agent vault renew"
        ),
    ),
    "lost": (_LOST, _LOST),
    "replaced": (_REPLACED, _REPLACED),
}
"""What helps: with a key in the keyring, with one in a file."""

_PLACES = {"keyring": N_("the system's keyring"), "file": N_("a file of this user")}


@click.group(name="vault", help=_("Show or change the key that protects the ONVIO sessions."))
def command() -> None:
    """See the module docstring."""


@command.command(name="status", help=_("Show where the key lies and whether it can be had."))
@click.option("--json", "as_json", is_flag=True, help=_("As one JSON document."))
def status(as_json: bool) -> int:
    """Exit codes: 0 the key can be had, or none is needed yet; 1 it cannot, or another one lies in its
    place; 3 no agent."""
    found = connect().vault()
    if as_json:
        print_json(found)
    else:
        _show(found)
    return 0 if found.state in _AT_EASE else 1


@command.command(name="rotate", help=_("Seal everything with a new key; nobody signs in again."))
@acting_options
def rotate(as_login: str | None, as_password_path: Path | None) -> int:
    """Exit codes: 0 done, 3 no agent, 4 not the Gerente, 5 the present key cannot be had."""
    with acting(as_login, as_password_path) as agent:
        _show(agent.vault("rotate"))
    return 0


@command.command(
    name="renew", help=_("Give up a key that is gone for good: everybody signs in again.")
)
@click.option("--yes", "confirmed", is_flag=True, help=_("Do it without asking again."))
@acting_options
def renew(confirmed: bool, as_login: str | None, as_password_path: Path | None) -> int:
    """Exit codes: 0 done, 3 no agent, 4 refused or not confirmed, 5 no key can be kept."""
    with acting(as_login, as_password_path) as agent:
        if not confirmed:
            raise Refused("vault.not_confirmed")
        _show(agent.vault("renew"))
    return 0


def _show(found: VaultStatus) -> None:
    click.echo(_(_STATES[found.state]))
    if found.kind is not None:
        text = _("It lies in {place} and is called {key_id}.")
        place, is_file = _(_PLACES[found.kind]), found.kind == "file"
        if is_file:
            place += f" ({clean(str(invocation().paths.key_path))})"
        click.echo(text.replace("{place}", place).replace("{key_id}", str(found.key_id)))
        if found.state in _HELP:
            with_keyring, with_file = _HELP[found.state]
            click.echo("→ " + _(with_file if is_file else with_keyring))
