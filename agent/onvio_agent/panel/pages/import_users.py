"""The office's list of users: looked at first, line by line, then imported or not."""

from __future__ import annotations

from starlette.responses import Response

from onvio_agent.actions.import_users import Imported, import_users
from onvio_agent.api.import_report import report_of
from onvio_agent.errors import Refused, fill
from onvio_agent.i18n import _
from onvio_agent.office.user_list import FILE_MAX_BYTES, too_large
from onvio_agent.panel.gate import LIST_PATH
from onvio_agent.panel.page import Page, get, post
from onvio_agent.panel.turn import Turn

_LIST = LIST_PATH


async def _show(turn: Turn) -> Response:
    turn.desk.manager_only(turn.actor)
    report = None
    if turn.visit.upload is not None:
        report = report_of(await _read(turn, turn.visit.upload, dry_run=True))
    refused = too_large()
    sentences = f"{_(refused.reason.title)} {_(refused.reason.next_step)}"
    return turn.show(
        "import_users.html",
        report=report,
        max_bytes=FILE_MAX_BYTES,
        too_large=fill(sentences, refused.fields),
    )


async def _look_at(turn: Turn) -> Response:
    """Read it once already here: a file that is no list is refused and not kept."""
    upload = turn.form.files.get("list", b"")
    turn.visit.upload = None
    await _read(turn, upload, dry_run=True)
    turn.visit.upload = upload
    return turn.go(_LIST)


async def _save(turn: Turn) -> Response:
    upload, turn.visit.upload = turn.visit.upload, None
    if upload is None:
        raise Refused("signin.expired")
    done = await _read(turn, upload, dry_run=False, skip_bad=turn.form.ticked("skip_bad"))
    if not done.saved:  # somebody changed the office meanwhile, or the box was not ticked
        turn.visit.upload = upload
        raise Refused("import.bad_lines", count=len({fault.line for fault in done.faults}))
    turn.say(_("The list was imported."))
    return turn.go("/users")


async def _drop(turn: Turn) -> Response:
    turn.visit.upload = None
    return turn.go("/users")


async def _read(turn: Turn, file: bytes, *, dry_run: bool, skip_bad: bool = False) -> Imported:
    work = import_users(turn.desk, turn.actor, file, dry_run=dry_run, skip_bad=skip_bad)
    return await turn.carry_out("import_users", work)


PAGE = Page(
    "",
    (
        get(_LIST, _show),
        post(_LIST, _look_at),
        post(_LIST + "/save", _save, back=_LIST),
        post(_LIST + "/drop", _drop, back=_LIST),
    ),
)
