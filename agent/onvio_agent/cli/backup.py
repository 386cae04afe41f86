"""`onvio-agent backup FILE`: all that the agent keeps, as one file, also while it runs."""

from __future__ import annotations

from pathlib import Path

import click

from onvio_agent.cli.frame import invocation
from onvio_agent.i18n import _
from onvio_agent.plain_text import clean


@click.command(name="backup", help=_("Save users, links, history and documents to a file."))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def command(file: Path) -> int:
    """Exit codes: 0 written, 4 there is such a file already, 5 it could not be written."""
    from onvio_agent.store.backup import write_backup  # SQLite, which help does not need

    calls = invocation()
    write_backup(calls.paths.store_of(calls.settings.store.path), file)
    click.echo(_("Saved to {path}.").replace("{path}", clean(str(file))))
    click.echo(
        _("It holds no ONVIO sessions: after a restore, every user signs in to ONVIO again.")
    )
    return 0
