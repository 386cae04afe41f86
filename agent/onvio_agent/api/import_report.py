"""An import as the API answers it: with the sentences of what is wrong, in the user's language."""

from __future__ import annotations

from onvio_agent.actions.import_users import Imported
from onvio_agent.contract import reasons
from onvio_agent.contract.status import Situation
from onvio_agent.contract.user_import import ImportedUser, ImportFinding, ImportReport, Outcome
from onvio_agent.errors import fill
from onvio_agent.i18n import _
from onvio_agent.office.user_cells import Fault
from onvio_agent.office.user_import import Step


def report_of(done: Imported) -> ImportReport:
    """What clients are told of `done`."""
    return ImportReport(
        saved=done.saved,
        dry_run=done.dry_run,
        encoding=done.listed.encoding,
        separator=done.listed.separator,
        ignored_columns=done.listed.ignored,
        users=tuple(_user(step) for step in done.plan.steps),
        bad=tuple(_finding(fault) for fault in done.faults),
        notes=tuple(_finding(note) for note in done.plan.notes),
    )


def _user(step: Step) -> ImportedUser:
    row, user = step.row, step.user
    wished = Situation.INACTIVE if row.active is False else Situation.ACTIVE
    return ImportedUser(
        line=row.line,
        login=row.login if user is None else user.login,
        name=row.name,
        situation=wished if user is None else user.situation,
        email=row.email,
        outcome=step.outcome,
        former_name=user.name if user is not None and step.outcome is Outcome.RENAMED else None,
    )


def _finding(fault: Fault) -> ImportFinding:
    reason, fields = reasons.get(fault.code), dict(fault.fields)
    return ImportFinding(
        line=fault.line,
        column=fault.column,
        code=fault.code,
        title=fill(_(reason.title), fields),
        next_step=fill(_(reason.next_step), fields),
        fields=fields,
    )
