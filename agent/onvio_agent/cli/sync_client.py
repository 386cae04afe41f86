"""`onvio-agent sync client`: the companies whose documents are delivered."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from onvio_agent.cli.acting import acting, acting_options, connect
from onvio_agent.cli.output import print_json, print_table
from onvio_agent.cli.passwords import read_secret
from onvio_agent.cli.sync_words import NAME
from onvio_agent.i18n import _
from onvio_agent.plain_text import clean

if TYPE_CHECKING:
    from onvio_agent.contract.sync import ClientRow


@click.group(name="client", help=_("The companies whose documents are delivered."))
def command() -> None:
    """The group of the clients' commands."""


@command.command(name="add", help=_("Connect a company with the key that the office made for it."))
@click.argument("name", type=NAME)
@click.option("--cnpj", required=True, type=NAME, help=_("The company's CNPJ."))
@click.option(
    "--key-stdin",
    "from_stdin",
    is_flag=True,
    help=_("Read the key from the first line of standard input."),
)
@click.option(
    "--folder",
    required=True,
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help=_("The folder where the company's XML files come in."),
)
@acting_options
def add(
    name: str,
    cnpj: str,
    from_stdin: bool,
    folder: Path,
    as_login: str | None,
    as_password_path: Path | None,
) -> int:
    """Exit codes: 0 connected, 3 the agent is not running, 4 refused, 5 ONVIO could not be asked."""
    if not str(folder).isprintable():  # names of old systems too, which are no text here
        raise click.UsageError(_("The folder's name cannot be written down; rename it."))
    key = read_secret(_("Key"), from_stdin=from_stdin, option="--key-stdin").strip()
    if not key or not key.isascii() or not key.isprintable():
        raise click.UsageError(_("This is no key: it is empty, or not plain letters and digits."))
    with acting(as_login, as_password_path) as agent:
        is_first = not agent.sync.overview().is_on
        client = agent.sync.add_client(name, cnpj, key, str(folder.absolute()))
    if is_first:
        click.echo(_("One machine of an office delivers documents: set up no other."))
        click.echo(_("This machine delivers documents from now on."))
    text = _("{name} is connected. Its folder: {folder}")
    click.echo(text.replace("{name}", client.name).replace("{folder}", client.folder))
    return 0


@command.command(name="list", help=_("List the companies."))
@click.option("--json", "as_json", is_flag=True, help=_("As one JSON document."))
def list_clients(as_json: bool) -> int:
    """Exit codes: 0 shown, 3 the agent is not running."""
    clients = connect().sync.overview().clients
    if as_json:
        print_json(clients)
    elif not clients:
        click.echo(_("There are no clients yet."))
    else:
        rows = [(row.name, row.cnpj, row.folder, _state(row)) for row in clients]
        print_table(rows, (_("Client"), "CNPJ", _("Folder"), _("State")))
    return 0


@command.command(name="pause", help=_("Send nothing for a company until told to go on."))
@click.argument("name", type=NAME)
@click.option("--off", is_flag=True, help=_("Go on."))
@acting_options
def pause(name: str, off: bool, as_login: str | None, as_password_path: Path | None) -> int:
    """Exit codes: 0 done, 3 the agent is not running, 4 refused."""
    return _set_paused(name, not off, as_login, as_password_path)


@command.command(name="resume", help=_("Send again for a company that was paused."))
@click.argument("name", type=NAME)
@acting_options
def resume(name: str, as_login: str | None, as_password_path: Path | None) -> int:
    """Exit codes: 0 done, 3 the agent is not running, 4 refused."""
    return _set_paused(name, False, as_login, as_password_path)


@command.command(name="remove", help=_("Forget a company and the records of its documents."))
@click.argument("name", type=NAME)
@acting_options
def remove(name: str, as_login: str | None, as_password_path: Path | None) -> int:
    """Exit codes: 0 removed, 3 the agent is not running, 4 refused."""
    with acting(as_login, as_password_path) as agent:
        agent.sync.remove_client(name)
    click.echo(_("{name} was removed; its files stay.").replace("{name}", name))
    return 0


def _set_paused(
    name: str, paused: bool, as_login: str | None, as_password_path: Path | None
) -> int:
    with acting(as_login, as_password_path) as agent:
        client = agent.sync.set_client_paused(name, paused=paused)
    text = _("{name} is paused.") if client.paused else _("{name} goes on.")
    click.echo(text.replace("{name}", clean(client.name)))
    return 0


def _state(client: ClientRow) -> str:
    """A pause and what is in the way, either or both."""
    found = [_("paused")] if client.paused else []
    found += [client.title] if client.title else []
    return "; ".join(found) or "ok"
