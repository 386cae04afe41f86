"""`onvio-agent users`: the people of this office, as the Gerente sees them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from onvio_agent.cli.acting import acting, acting_options, connect
from onvio_agent.cli.board import icon_lines, show, table_lines, user_lines, user_of
from onvio_agent.cli.output import print_json
from onvio_agent.cli.users_data import erase_command, export_command
from onvio_agent.cli.users_import import command as import_command
from onvio_agent.contract.reasons import CATALOGUE
from onvio_agent.contract.status import LinkState
from onvio_agent.errors import fill
from onvio_agent.i18n import _
from onvio_agent.plain_text import clean

_HISTORY_SHOWN = 10


@click.group(
    name="users", help=_("List, add, import and show users; hand over the Gerente's role.")
)
def command() -> None:
    """The group of the users' commands."""


command.add_command(import_command)
command.add_command(export_command)
command.add_command(erase_command)


@command.command(name="list", help=_("List all users."))
@click.option("--json", "as_json", is_flag=True, help=_("As one JSON document."))
def list_users(as_json: bool) -> int:
    """Exit codes: 0 shown, 3 the agent is not running."""
    users = tuple(connect().users())
    if as_json:
        print_json(users)
    elif users:
        show(table_lines(users, datetime.now(UTC)))
    else:
        click.echo(_("There are no users yet."))
    return 0


@command.command(name="show", help=_("Show one user with what has happened lately."))
@click.argument("login")
@click.option("--json", "as_json", is_flag=True, help=_("As one JSON document."))
def show_user(login: str, as_json: bool) -> int:
    """Exit codes: 0 shown, 3 the agent is not running, 4 unknown login."""
    agent = connect()
    found = agent.user(login)
    if as_json:
        print_json(found)
        return 0
    show(user_lines(user_of(agent.status(), login), datetime.now(UTC)))
    show(_more_lines(found))
    return 0


@command.command(name="add", help=_("Add a user, Ativo and not linked."))
@click.argument("login")
@click.option("--name", required=True, help=_("The person's name."))
@acting_options
def add(login: str, name: str, as_login: str | None, as_password_path: Path | None) -> int:
    """Exit codes: 0 added, 3 the agent is not running, 4 refused."""
    with acting(as_login, as_password_path) as agent:
        user = agent.add_user(login, name)
    show(icon_lines(user.icon, user))
    return 0


@command.command(name="rename", help=_("Give a user another name in this agent."))
@click.argument("login")
@click.option("--name", required=True, help=_("The person's name."))
@acting_options
def rename(login: str, name: str, as_login: str | None, as_password_path: Path | None) -> int:
    """Exit codes: 0 renamed, 3 the agent is not running, 4 refused."""
    with acting(as_login, as_password_path) as agent:
        user = agent.data.rename(login, name)
    show(icon_lines(user.icon, user))
    return 0


@command.command(name="promote", help=_("Hand the Gerente's role over to this user."))
@click.argument("login")
@click.option(
    "--confirm-administrator",
    "administrator_confirmed",
    is_flag=True,
    help=_("Vouch that the account is the office's ONVIO administrator; this is recorded."),
)
@acting_options
def promote(
    login: str,
    administrator_confirmed: bool,
    as_login: str | None,
    as_password_path: Path | None,
) -> int:
    """Exit codes: 0 handed over, 3 the agent is not running, 4 refused."""
    with acting(as_login, as_password_path) as agent:
        agent.promote(login, administrator_confirmed=administrator_confirmed)
    click.echo(_("{login} is the Gerente now.").replace("{login}", login))
    return 0


def _more_lines(found: Mapping[str, Any]) -> list[str]:
    """S10's option, and the last changes."""
    lines = [
        line
        for finding in found["findings"]
        for line in (f"  {clean(finding['title'])}", f"  → {clean(finding['next_step'])}")
    ]
    if found["onvio_name"] not in (None, "", found["name"]):
        lines.append("  " + _("In ONVIO: {name}").replace("{name}", clean(found["onvio_name"])))
    option = found["portal_option"]
    lines += [] if option["enabled"] else [f"  {clean(option['hint'])}"]
    history = list(found["history"])[:_HISTORY_SHOWN]
    if history:
        lines += ["", _("Lately:")]
        lines += [f"  {_change(entry)}" for entry in history]
    return lines


def _change(entry: Mapping[str, Any]) -> str:
    at = datetime.fromisoformat(str(entry["at"])).astimezone().strftime("%d/%m/%Y %H:%M:%S")
    known = CATALOGUE.get(str(entry["reason"]))
    if known is not None:
        return f"{at}  {clean(fill(_(known.title), entry))}"
    connected = entry["after"] == LinkState.VALID
    return f"{at}  {_('Connected to ONVIO.') if connected else clean(str(entry['after']))}"
