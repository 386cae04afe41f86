"""*Documentos*: what waits, goes, was delivered or refused, and why; trying again, taking back, giving up."""

from __future__ import annotations

from starlette.responses import Response

from onvio_agent.actions import sync_documents as actions
from onvio_agent.api.sync_shapes import document_detail, overview
from onvio_agent.errors import Refused
from onvio_agent.i18n import N_, _
from onvio_agent.panel.page import Page, get, post
from onvio_agent.panel.turn import Turn
from onvio_agent.store.sync_base import FINISHED, DocumentState
from onvio_agent.sync.words import KINDS, STATES

ROWS_MAX = 50
"""Documents of one page."""

_CANCELLED = (DocumentState.QUEUED,)
_GIVEN_UP = (DocumentState.ACCEPTED, DocumentState.WAITING)
_NEWEST = 1 << 62


async def _show(turn: Turn) -> Response:
    state, client = turn.query("state"), turn.query("client")
    found = await overview(turn.desk)
    is_known = any(each.name == client for each in found.clients)
    counts = {name: getattr(found.counts, name) or 0 for name in STATES}
    page = await turn.desk.store.sync.newest_documents(
        before_id=_before(turn.query("before")),
        limit=ROWS_MAX,
        state=state if state in STATES else None,
        client_id=actions.sync_of(turn.desk).clients.named(client).id if is_known else None,
    )
    return turn.show(
        "documents.html",
        sync=found,
        counts=counts,
        states=STATES,
        kinds=KINDS,
        documents=[document_detail(turn.desk, document) for document in page],
        next_id=page[-1].id if len(page) == ROWS_MAX else None,
        wanted=state if state in STATES else "",
        client=client if is_known else "",
        cancelled=_CANCELLED,
        given_up=_GIVEN_UP,
        open=sum(count for name, count in counts.items() if name not in FINISHED),
    )


def _before(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else _NEWEST


async def _retry(turn: Turn) -> Response:
    """One document, or all that wait, or with `refused` also what was refused."""
    sha256, refused = turn.form.text("sha256") or None, turn.form.ticked("refused")
    found = await turn.carry_out("retry", actions.retry(turn.desk, sha256, refused=refused))
    turn.say(_("Documents tried again: {count}").replace("{count}", str(len(found))))
    return turn.go("/documents")


async def _cancel(turn: Turn) -> Response:
    found = await turn.carry_out("cancel", actions.cancel(turn.desk, turn.form.text("sha256")))
    turn.say(_("Documents taken back: {count}").replace("{count}", str(len(found))))
    return turn.go("/documents")


async def _ask_to_give_up(turn: Turn) -> Response:
    document = (await actions.find(turn.desk, turn.query("sha256")))[0]
    if document.state not in _GIVEN_UP:  # it has ended meanwhile, or was never sent
        raise Refused("sync.not_cancelled", file=document.name)
    return turn.show("give_up.html", document=document_detail(turn.desk, document))


async def _give_up(turn: Turn) -> Response:
    work = actions.cancel(turn.desk, turn.form.text("sha256"), sent=True)
    found = await turn.carry_out("cancel", work)
    turn.say(_("Documents given up: {count}").replace("{count}", str(len(found))))
    return turn.go("/documents")


async def _pause(turn: Turn) -> Response:
    """Send nothing for a client for now, or go on; the Gerente's."""
    name, paused = turn.form.text("client"), turn.form.ticked("paused")
    work = actions.set_client_paused(turn.desk, turn.actor, name, paused=paused)
    await turn.carry_out("change_client", work)
    said = _("Paused: {name}") if paused else _("Goes on: {name}")
    turn.say(said.replace("{name}", name))
    return turn.go("/documents")


PAGE = Page(
    N_("Documents"),
    (
        get("/documents", _show),
        post("/documents/retry", _retry, back="/documents"),
        post("/documents/cancel", _cancel, back="/documents"),
        get("/documents/give-up", _ask_to_give_up),
        post("/documents/give-up", _give_up, back="/documents"),
        post("/documents/client", _pause, back="/documents"),
    ),
)
