"""`onvio-agent restore FILE`: what a backup holds, in place of what this profile keeps now."""

from __future__ import annotations

from pathlib import Path

import click

from onvio_agent.cli.frame import invocation
from onvio_agent.errors import Refused
from onvio_agent.i18n import _
from onvio_agent.plain_text import clean

_LOCK_PATIENCE_S = 1.0  # a client that looks whether the lock is held holds it for an instant


@click.command(
    name="restore", help=_("Put back what a backup holds; what is here now is kept aside.")
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--yes", "confirmed", is_flag=True, help=_("Do it without asking again."))
def command(file: Path, confirmed: bool) -> int:
    """Exit codes: 0 restored, 4 not confirmed, 5 an agent runs, or the file is no good backup."""
    from onvio_agent.clock import SystemClock
    from onvio_agent.lock import ProfileLock
    from onvio_agent.store.backup import restore_backup

    calls = invocation()
    calls.paths.ensure()
    path = calls.paths.store_of(calls.settings.store.path)
    lock = ProfileLock(calls.paths.lock_path)
    lock.acquire(_LOCK_PATIENCE_S)
    try:
        if path.exists() and not confirmed:
            raise Refused("backup.not_confirmed")
        aside = restore_backup(file, path, SystemClock().wall)
    finally:
        lock.release()
    click.echo(
        _("Restored. Start the agent; every user signs in to ONVIO again, the Gerente first.")
    )
    if aside is not None:
        click.echo(
            _("What was here before is kept as {path}.").replace("{path}", clean(str(aside)))
        )
    return 0
