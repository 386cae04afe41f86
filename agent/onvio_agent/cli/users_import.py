"""`onvio-agent users import`: the office's list of users, from a file.

Only carries the file to the agent and shows its answer: what a list may say is decided there.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from onvio_agent.cli.acting import acting, acting_options
from onvio_agent.cli.output import print_json, print_table, show_refusal
from onvio_agent.contract.reasons import CATALOGUE
from onvio_agent.errors import Refused, fill
from onvio_agent.i18n import N_, _
from onvio_agent.plain_text import clean

if TYPE_CHECKING:
    from onvio_agent.contract.user_import import ImportFinding, ImportReport

_OUTCOMES = {
    "added": N_("added"),
    "renamed": N_("name changed, was: {name}"),
    "email_noted": N_("e-mail noted"),
    "unchanged": N_("already there"),
}
_SITUATIONS = {"active": N_("Ativo"), "inactive": N_("Inativo")}


@click.command(
    name="import", help=_("Add the users of a list in CSV: login, nome, perfil, situação, e-mail.")
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--dry-run", is_flag=True, help=_("Only show what would be done."))
@click.option("--skip-bad", is_flag=True, help=_("Import the other lines where some are wrong."))
@click.option("--json", "as_json", is_flag=True, help=_("As one JSON document."))
@acting_options
def command(
    file: Path,
    dry_run: bool,
    skip_bad: bool,
    as_json: bool,
    as_login: str | None,
    as_password_path: Path | None,
) -> int:
    """Exit codes: 0 imported, or would be; 3 the agent is not running; 4 refused, nothing done."""
    data = _read(file)
    with acting(as_login, as_password_path) as agent:
        report = agent.import_users(data, dry_run=dry_run, skip_bad=skip_bad)
    if as_json:
        print_json(report)
    bad = len({finding.line for finding in report.bad})
    if bad and not skip_bad:
        refused = Refused("import.bad_lines", count=bad)
        show_refusal(refused)
        if not as_json:
            _show_findings(report.bad, err=True)
        return refused.exit_code
    if not as_json:
        _show(report, bad)
    return 0


def _read(path: Path) -> bytes:
    """The file, or as much of it as shows that it is too large."""
    from onvio_agent.office.user_list import FILE_MAX_BYTES, too_large  # not needed for help

    try:
        with path.open("rb") as file:
            data = file.read(FILE_MAX_BYTES + 1)
    except OSError as error:
        text = _("The list {path} cannot be read: {detail}")
        fields: dict[str, object] = {"path": clean(str(path)), "detail": error.strerror or ""}
        raise click.UsageError(fill(text, fields)) from error
    if len(data) > FILE_MAX_BYTES:
        raise too_large()
    return data


def _show(report: ImportReport, bad: int) -> None:
    rows = [
        (
            user.line,
            user.login,
            user.name,
            _(_SITUATIONS[user.situation]),
            user.email,
            _(_OUTCOMES[user.outcome]).replace("{name}", user.former_name or "-"),
        )
        for user in report.users
    ]
    if rows:
        heads = (_("Line"), _("User"), _("Name"), _("Situação"), _("E-mail"), _("Result"))
        print_table(rows, heads)
        click.echo()
    _show_findings(report.notes)
    if report.ignored_columns:
        text = _("Columns that mean nothing here: {columns}")
        click.echo(clean(text.replace("{columns}", ", ".join(report.ignored_columns))))
    click.echo(_counts(report, bad))
    if not report.saved:
        click.echo(_("Nothing was changed: this was a dry run."))
    if report.bad:
        click.echo(_("Wrong lines that are left out:"), err=True)
        _show_findings(report.bad, err=True)


def _counts(report: ImportReport, bad: int) -> str:
    outcomes = [str(user.outcome) for user in report.users]
    fields = {name: outcomes.count(name) for name in _OUTCOMES} | {"bad": bad}
    text = _(
        "Added: {added}. Names changed: {renamed}. E-mails noted: {email_noted}. Already there:"
        " {unchanged}. Wrong: {bad}."
    )
    return fill(text, fields)


def _show_findings(findings: Sequence[ImportFinding], *, err: bool = False) -> None:
    """Each with its place; a next step that several in a row share comes once, after them."""
    told = [_told(finding) for finding in findings]
    for at, (sentence, next_step) in enumerate(told):
        click.echo(clean(sentence), err=err)
        if at + 1 == len(told) or next_step != told[at + 1][1]:
            click.echo(clean(f"  → {next_step}"), err=err)


def _told(finding: ImportFinding) -> tuple[str, str]:
    """The place with its sentence, and the next step, in this command's language."""
    where = _("line {line}") if finding.column is None else _("line {line}, column {column}")
    place = fill(where, {"line": finding.line, "column": finding.column})
    reason = CATALOGUE[finding.code]
    sentence = f"{place}: {fill(_(reason.title), finding.fields)}"
    return sentence, fill(_(reason.next_step), finding.fields)
