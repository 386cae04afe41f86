"""`onvio-agent users export` and `users erase`: what is kept of one person, given out or erased."""

from __future__ import annotations

from pathlib import Path

import click

from onvio_agent.cli.acting import acting, acting_options
from onvio_agent.cli.new_file import write_new
from onvio_agent.cli.output import print_json
from onvio_agent.i18n import _
from onvio_agent.plain_text import clean


@click.command(name="export", help=_("Give out all that is kept of one user, as JSON."))
@click.argument("login")
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@acting_options
def export_command(
    login: str, file: Path | None, as_login: str | None, as_password_path: Path | None
) -> int:
    """Exit codes: 0 given out, 3 the agent is not running, 4 refused, or there is such a file."""
    with acting(as_login, as_password_path) as agent:
        found = agent.data.export(login)
    if file is None:
        print_json(found)
        return 0
    _write(file, found)
    click.echo(_("Saved to {path}.").replace("{path}", clean(str(file))))
    return 0


@click.command(name="erase", help=_("Erase all that is kept of an inactive user."))
@click.argument("login")
@click.option("--yes", "confirmed", is_flag=True, help=_("Do it; must be given."))
@acting_options
def erase_command(
    login: str, confirmed: bool, as_login: str | None, as_password_path: Path | None
) -> int:
    """Exit codes: 0 erased, 3 the agent is not running, 4 refused: the user is active, say."""
    if not confirmed:
        raise click.UsageError(_("Nothing was changed. Repeat with --yes."))
    with acting(as_login, as_password_path) as agent:
        agent.data.erase(login)
    click.echo(_("{login} is erased from the agent's data.").replace("{login}", clean(login)))
    click.echo(_("Logs and backups still name this user until they are gone themselves."))
    return 0


def _write(path: Path, found: object) -> None:
    import msgspec

    write_new(path, msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")
