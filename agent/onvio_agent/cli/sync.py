"""`onvio-agent sync`: the delivery of fiscal documents, at a glance and one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

import click

from onvio_agent.cli.acting import connect
from onvio_agent.cli.new_file import write_new
from onvio_agent.cli.output import print_json, print_table
from onvio_agent.cli.sync_add import command as add_command
from onvio_agent.cli.sync_client import command as client_command
from onvio_agent.cli.sync_words import HASH, NAME
from onvio_agent.i18n import _
from onvio_agent.plain_text import clean
from onvio_agent.sync.words import KINDS, STATES

if TYPE_CHECKING:
    from datetime import datetime

    from onvio_agent.contract.sync import DocumentDetail, DocumentLine, DocumentRow, SyncOverview

_SHA256_SHOWN = 12
_FILE_SHOWN = 48  # columns; `sync show` has the whole name


@click.group(name="sync", help=_("Deliver fiscal documents to Domínio: clients, documents, state."))
def command() -> None:
    """The group of the delivery's commands."""


command.add_command(client_command)
command.add_command(add_command)


@command.command(
    name="status", help=_("Show how many documents are where, and what is in the way.")
)
@click.option("--json", "as_json", is_flag=True, help=_("As one JSON document."))
def status(as_json: bool) -> int:
    """Exit codes: 0 shown, 3 the agent is not running."""
    found = connect().sync.overview()
    if as_json:
        print_json(found)
    else:
        _show_overview(found)
    return 0


@command.command(name="list", help=_("List the documents in the order of their coming."))
@click.option("--state", type=click.Choice(list(STATES)), help=_("Only those in this state."))
@click.option("--client", type=NAME, help=_("Only those of this client."))
@click.option("--json", "as_json", is_flag=True, help=_("As one JSON document."))
def list_documents(state: str | None, client: str | None, as_json: bool) -> int:
    """Exit codes: 0 shown, 3 the agent is not running, 4 unknown client."""
    found = list(connect().sync.documents(state, client))
    if as_json:
        print_json([_for_programs(row) for row in found])
        return 0
    if not found:
        click.echo(_("There are no documents."))
        return 0
    rows = [
        (
            _(STATES[row.state]),
            _(KINDS[row.kind]) if row.kind in KINDS else None,
            row.client,
            _end_of(row.file),
            (row.sha256 or "")[:_SHA256_SHOWN],
            row.title,
        )
        for row in found
    ]
    print_table(rows, (_("State"), _("Kind"), _("Client"), _("File"), _("Hash"), _("Reason")))
    return 0


@command.command(name="show", help=_("Show one document by the beginning of its hash (SHA-256)."))
@click.argument("sha256", type=HASH)
@click.option("--json", "as_json", is_flag=True, help=_("As one JSON document."))
@click.option(
    "--save",
    type=click.Path(path_type=Path, dir_okay=False),
    help=_("Write what was taken in into this new file, byte for byte."),
)
def show_document(sha256: str, as_json: bool, save: Path | None) -> int:
    """Exit codes: 0 shown, 3 the agent is not running, 4 refused, 5 the file could not be written."""
    calls = connect().sync
    found = calls.document(sha256)
    if save is not None:
        write_new(save, calls.content(sha256))
    if as_json:
        print_json(found)
        return 0
    for document in found:
        _show_document(document)
    return 0


@command.command(
    name="retry", help=_("Try at once what waits; with hashes: those documents, refused ones too.")
)
@click.argument("sha256s", nargs=-1, type=HASH, metavar="[SHA256]...")
@click.option("--refused", is_flag=True, help=_("What ONVIO has refused, too."))
@click.option("--client", type=NAME, help=_("Only those of this client."))
def retry(sha256s: tuple[str, ...], refused: bool, client: str | None) -> int:
    """Exit codes: 0 tried, 3 the agent is not running, 4 refused."""
    calls = connect().sync
    if sha256s:
        found = [row for each in sha256s for row in calls.retry(each)]
    else:
        found = calls.retry(refused=refused, client=client)
    click.echo(_("Documents tried again: {count}").replace("{count}", str(len(found))))
    return 0


@command.command(name="cancel", help=_("Take back documents that were not sent yet."))
@click.argument("sha256s", nargs=-1, required=True, type=HASH, metavar="SHA256...")
@click.option(
    "--sent",
    is_flag=True,
    help=_("Also those that may have arrived: ask ONVIO for them no longer."),
)
def cancel(sha256s: tuple[str, ...], sent: bool) -> int:
    """Exit codes: 0 taken back, 3 the agent is not running, 4 refused."""
    calls = connect().sync
    found = [row for each in sha256s for row in calls.cancel(each, sent=sent)]
    click.echo(_("Documents taken back: {count}").replace("{count}", str(len(found))))
    return 0


def _end_of(name: str) -> str:
    """The end of a long name: the file's own rather than its folders'."""
    return name if len(name) <= _FILE_SHOWN else f"…{name[1 - _FILE_SHOWN :]}"


def _for_programs(line: DocumentLine) -> DocumentRow:
    """Codes and no sentences: those are in a language."""
    import msgspec

    from onvio_agent.contract.sync import DocumentRow

    return msgspec.convert(line, DocumentRow, from_attributes=True)


def _moment(at: datetime) -> str:
    """A time as people here write it."""
    return at.astimezone().strftime("%d/%m/%Y %H:%M:%S")


def _show_overview(found: SyncOverview) -> None:
    if not found.is_on:
        click.echo(_("This machine delivers no documents."))
        click.echo(
            _(
                "→ Add a client: onvio-agent sync client add NAME --cnpj CNPJ --key-stdin --folder FOLDER"
            )
        )
        return
    if found.held is not None:
        click.echo(f"{found.held.title}\n→ {found.held.next_step}")
    counts = Counter({state: getattr(found.counts, state) or 0 for state in STATES})
    for state, count in _lines(counts):
        click.echo(f"{count:>8}  {_(STATES[state])}")
    if found.counts.oldest_queued_at is not None:
        text = _("The oldest one that is under way came {when}.")
        click.echo(text.replace("{when}", _moment(found.counts.oldest_queued_at)))
    for client in found.clients:
        name = clean(client.name)
        if client.paused:
            click.echo(_("{name}: paused, nothing is sent for it.").replace("{name}", name))
            click.echo(f"→ onvio-agent sync client resume {quote(name)}")
        if client.title is not None:
            click.echo(f"{name}: {client.title}\n→ {client.next_step}")
        for left in client.left:
            click.echo(f"{name}: {clean(left.title)}\n→ {left.next_step}")


def _lines(counts: Counter[str]) -> Iterable[tuple[str, int]]:
    return [(state, counts[state]) for state in STATES]


def _show_document(found: DocumentDetail) -> None:
    click.echo(f"{_(STATES[found.state])}  {clean(found.file)}")
    if found.title is not None:
        click.echo(f"{clean(found.title)}\n→ {clean(found.next_step or '')}")
    lines = [
        (_("Client"), found.client),
        (_("Kind"), _(KINDS[found.kind]) if found.kind in KINDS else None),
        (_("Access key"), found.access_key),
        ("SHA-256", found.sha256),
        (_("Batch"), found.batch_id),
        ("ONVIO", " ".join(text for text in (found.code, found.text) if text) or None),
        (_("Attempts"), str(found.attempts)),
        (_("Came"), _moment(found.queued_at)),
        (_("Ended"), _moment(found.finished_at) if found.finished_at else None),
        (_("Next try"), _moment(found.retry_at) if found.retry_at else None),
    ]
    for name, value in lines:
        if value is not None:
            click.echo(f"  {name}: {clean(value)}")
