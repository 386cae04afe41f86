"""*Controle > Permissões > Usuários*: the list, and a new user. A plain user sees their own row alone."""

from __future__ import annotations

from starlette.responses import Response

from onvio_agent.actions import people
from onvio_agent.contract.status import UserStatus
from onvio_agent.i18n import N_, _
from onvio_agent.panel.page import Page, get, post
from onvio_agent.panel.rows import found, page_of
from onvio_agent.panel.turn import Turn


async def _show(turn: Turn) -> Response:
    rows = page_of(found(_visible(turn), turn.query("search")), turn.query("page"))
    return turn.show("users.html", rows=rows, search=turn.query("search"))


def _visible(turn: Turn) -> list[UserStatus]:
    if turn.actor.is_manager:
        return list(turn.snapshot.users)
    own = turn.desk.hub.office.find(turn.desk.hub.own_login) if turn.desk.hub.own_login else None
    return [user for user in turn.snapshot.users if own is not None and user.login == own.login]


async def _show_new(turn: Turn) -> Response:
    turn.desk.manager_only(turn.actor)
    return turn.show("new_user.html")


async def _add(turn: Turn) -> Response:
    login, name = turn.form.text("login"), turn.form.text("name")
    turn.visit.kept |= {"login": login, "name": name}
    work = people.add_user(turn.desk, turn.actor, login, name)
    user = await turn.carry_out("add_user", work)
    turn.visit.kept.clear()
    turn.say(_("The user was added."), _("To link the user, tick Utiliza ONVIO."))
    return turn.go("/users/{login}", login=user.login)


PAGE = Page(
    N_("Users"), (get("/users", _show), get("/new-user", _show_new), post("/new-user", _add))
)
