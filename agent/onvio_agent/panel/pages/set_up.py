"""The first run: the Gerente and his password in this agent, then straight on to his link (S2)."""

from __future__ import annotations

from starlette.responses import Response

from onvio_agent.actions.set_up import set_up
from onvio_agent.errors import Refused
from onvio_agent.i18n import _
from onvio_agent.panel.page import Page, get, post
from onvio_agent.panel.turn import Turn


async def _show(turn: Turn) -> Response:
    return turn.show("set_up.html") if turn.desk.hub.office.manager is None else turn.go("/users")


async def _set_up(turn: Turn) -> Response:
    form = turn.form
    login, name = form.text("login"), form.text("name")
    turn.visit.kept |= {"login": login, "name": name}
    if form.text("password") != form.text("again"):
        raise Refused("password.differs")
    await turn.carry_out("set_up", _begin(turn, login, name, form.text("password")))
    turn.visit.kept.clear()
    turn.visit.session = turn.desk.sessions.open()
    turn.say(
        _("The Gerente is set up."),
        _("Now tick Utiliza ONVIO, with the ONVIO administrator's e-mail and password."),
    )
    return turn.go("/users/{login}", login=login.strip())


async def _begin(turn: Turn, login: str, name: str, password: str) -> None:
    desk = turn.desk
    async with desk.password_turn:  # of two at once, the second finds a Gerente
        await set_up(desk.store, desk.exec, desk.clock, login, name, password)
    await desk.reload_office()


PAGE = Page("", (get("/set-up", _show), post("/set-up", _set_up)))
