"""`onvio-agent support-bundle`: what a support person needs to know, without who it is about.

Works without a running agent and changes nothing; what it will hold is shown before it is written.
"""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import os
import platform
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from onvio_agent.cli.acting import connect
from onvio_agent.cli.config import settings_rows
from onvio_agent.cli.doctor import key_as_told
from onvio_agent.cli.frame import Invocation, invocation
from onvio_agent.cli.output import print_table
from onvio_agent.contract.diagnosis import Diagnosis
from onvio_agent.contract.status import Snapshot
from onvio_agent.errors import AgentError, Refused
from onvio_agent.i18n import _
from onvio_agent.plain_text import clean

if TYPE_CHECKING:
    from onvio_agent.bundle.parts import Sources

_YES = ("s", "sim", "y", "yes")


@click.command(
    name="support-bundle", help=_("Write what a support person needs, names masked, to a .zip.")
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.option("--yes", "confirmed", is_flag=True, help=_("Write it without asking again."))
def command(file: Path | None, confirmed: bool) -> int:
    """Exit codes: 0 written, 4 not confirmed or there is such a file already, 5 not written."""
    from onvio_agent.bundle.archive import check_target, write_archive
    from onvio_agent.bundle.parts import bundle_parts
    from onvio_agent.lookups import still_looking

    calls = invocation()
    target = file or Path(f"onvio-agent-support-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.zip")
    check_target(target)
    click.echo(_("Looking; this takes some seconds."), err=True)
    parts = bundle_parts(_sources(calls))
    _show(parts)
    if not confirmed and not (sys.stdin.isatty() and _confirm(target)):
        raise Refused("bundle.not_confirmed")
    write_archive(target, parts)
    click.echo(_("Saved to {path}.").replace("{path}", clean(str(target))))
    if still_looking():  # a silent name server would hold up the end of the process
        sys.stdout.flush()
        os._exit(0)
    return 0


def _sources(calls: Invocation) -> Sources:
    from onvio_agent.bundle.parts import MAX_ENTRIES, Sources
    from onvio_agent.bundle.secrets import known_secrets
    from onvio_agent.log.reader import Wanted, last_entries
    from onvio_agent.store.statistics import look_at_statistics

    settings, paths = calls.settings, calls.paths
    snapshot = _snapshot()
    store, names = look_at_statistics(paths.store_of(settings.store.path))
    logins = (settings.workstation.user, settings.proxy.user)
    return Sources(
        settings=settings_rows(calls.loaded),
        diagnosis=_diagnosis(calls, snapshot),
        status=snapshot,
        log=last_entries(paths.log_dir, Wanted(), MAX_ENTRIES),
        store=store,
        names=names,
        logins=[login for login in logins if login],
        places=_places(),
        secrets=list(known_secrets(paths, settings, calls.environ)),
    )


def _snapshot() -> Snapshot | None:
    """What the running agent shows; one that does not answer is as good as none here."""
    with contextlib.suppress(AgentError):
        return connect().status()
    return None


def _diagnosis(calls: Invocation, snapshot: Snapshot | None) -> Diagnosis:
    from onvio_agent.diagnose import diagnose
    from onvio_agent.lookups import Lookups

    async def look() -> Diagnosis:
        asyncio.get_running_loop().set_default_executor(Lookups())
        return await diagnose(calls.settings, calls.paths, snapshot, key=key_as_told())

    return asyncio.run(look())


def _places() -> list[tuple[str, str]]:
    """Names and folders of this machine, with their masks."""
    found: list[tuple[str, str]] = []
    with contextlib.suppress(OSError, RuntimeError):  # an account without a home
        home = Path.home()
        found += [(str(each), "~") for each in dict.fromkeys((home, home.resolve()))]
    host = platform.node()
    found += [(name, "computador") for name in (host, host.partition(".")[0])]
    with contextlib.suppress(OSError, KeyError, ImportError):
        found.append((getpass.getuser(), "usuario-do-sistema"))
    return [(text, mask) for text, mask in found if len(text) > 1]


def _show(parts: Sequence[tuple[str, bytes]]) -> None:
    print_table([(name, len(content)) for name, content in parts], (_("Contents"), _("Bytes")))
    click.echo(
        _("Names, logins, e-mails and numbers of companies are masked. Read it before you send it.")
    )


def _confirm(target: Path) -> bool:
    question = _("Write this to {path}? [y/N]").replace("{path}", clean(str(target)))
    answer = click.prompt(question, default="", show_default=False, err=True)
    return str(answer).strip().casefold() in _YES
