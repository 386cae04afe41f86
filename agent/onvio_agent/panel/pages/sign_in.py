"""The Gerente signs in to this browser, and out of it. What he may do is decided by the actions."""

from __future__ import annotations

from starlette.responses import Response

from onvio_agent.actions.manager import sign_in
from onvio_agent.i18n import _
from onvio_agent.panel import sign_ins
from onvio_agent.panel.page import Page, get, post
from onvio_agent.panel.turn import Turn


async def _show(turn: Turn) -> Response:
    return turn.go("/users") if turn.actor.is_manager else turn.show("sign_in.html")


async def _sign_in(turn: Turn) -> Response:
    login = turn.form.text("login")
    turn.visit.kept["login"] = login
    work = sign_in(turn.desk, login, turn.form.text("password"))
    session = await turn.carry_out("sign_in", work)
    turn.visit.kept.clear()
    if turn.visit.session is not None:
        turn.desk.sessions.close(turn.visit.session)
    turn.visit.session = session
    return turn.go("/users")


async def _sign_out(turn: Turn) -> Response:
    if turn.visit.session is not None:
        turn.desk.sessions.close(turn.visit.session)
        turn.visit.session = None
    sign_ins.cancel_all(turn)
    turn.visit.upload = None
    turn.say(_("You are signed out."))
    return turn.go("/")


PAGE = Page("", (get("/sign-in", _show), post("/sign-in", _sign_in), post("/sign-out", _sign_out)))
