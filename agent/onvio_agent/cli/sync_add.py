"""`onvio-agent sync add`: documents given by hand, alone or in a .zip."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from onvio_agent.cli.acting import connect
from onvio_agent.cli.output import show_refusal
from onvio_agent.cli.sync_words import NAME
from onvio_agent.errors import Refused
from onvio_agent.i18n import _
from onvio_agent.plain_text import clean
from onvio_agent.sync.words import STATES

if TYPE_CHECKING:
    from onvio_agent.client import Agent


@click.command(name="add", help=_("Give documents by hand; the files stay where they are."))
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False, exists=True)
)
@click.option("--client", required=True, type=NAME, help=_("The client whose documents they are."))
def command(files: tuple[Path, ...], client: str) -> int:
    """Exit codes: 0 all taken, 3 the agent is not running, 4 at least one refused."""
    agent = connect()
    code = 0
    for number, path in enumerate(files, 1):
        code = max(code, _add_file(agent, client, path))
        _show_progress(number, len(files))
    return code


def _add_file(agent: Agent, client: str, path: Path) -> int:
    """The exit code for one file; what is refused is told and the next one is tried."""
    try:
        documents = list(_documents(path))
    except Refused as error:
        return _tell(error, str(path))
    return max(_add_document(agent, client, *each, shown=str(path)) for each in documents)


def _documents(path: Path) -> Iterator[tuple[str, bytes | Refused]]:
    """Name and bytes of each document in a file, or why one is not to be had. Raises `Refused`."""
    from onvio_agent.sync.archive import ARCHIVE_MAX, ArchiveRefused, members
    from onvio_agent.sync.xml_reader import BYTES_MAX

    if not path.is_file():  # a pipe waits for somebody, a device may have no end
        raise Refused("sync.no_file", file=path)
    is_archive = path.suffix.lower() == ".zip"
    limit = ARCHIVE_MAX if is_archive else BYTES_MAX
    with path.open("rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise Refused("sync.document_too_large", mib=limit // 1024**2)
    if not is_archive:
        yield path.name, data
        return
    try:
        for member in members(data):
            refused = Refused(member.refused) if member.refused else None
            yield f"{path.name}/{member.name}", refused or member.data or b""
    except ArchiveRefused as error:
        raise Refused(error.code, **error.fields) from None


def _add_document(agent: Agent, client: str, name: str, data: bytes | Refused, shown: str) -> int:
    if "/" in name:
        shown = f"{shown}/{name.partition('/')[2]}"
    if isinstance(data, Refused):
        return _tell(data, shown)
    try:
        document = agent.sync.add_document(client, clean(name), data)
    except Refused as error:
        if error.code == "sync.client_unknown":
            raise
        return _tell(error, shown)
    if document.state == "refused" and document.reason is not None:
        click.echo(f"{document.reason}: {clean(shown)}: {clean(document.title or '')}", err=True)
        click.echo(f"→ {clean(document.next_step or '')}", err=True)
        return Refused.exit_code
    click.echo(f"{_(STATES[document.state])}  {clean(shown)}")
    return 0


def _tell(error: Refused, shown: str) -> int:
    click.echo(f"{clean(shown)}:", err=True)
    show_refusal(error)
    return error.exit_code


def _show_progress(number: int, count: int) -> None:
    if count > 1 and sys.stderr.isatty():
        click.echo(f"\r{number}/{count}", nl=number == count, err=True)
