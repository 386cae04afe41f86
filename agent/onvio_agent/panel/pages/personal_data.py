"""What is kept of one person: saved to a file, or erased once they are Inativo (docs/personal-data.md)."""

from __future__ import annotations

import msgspec
from starlette.responses import Response

from onvio_agent.actions import personal_data
from onvio_agent.errors import Refused
from onvio_agent.i18n import _
from onvio_agent.office import rules
from onvio_agent.office.model import User
from onvio_agent.panel.page import Page, get, post
from onvio_agent.panel.turn import Turn

_ONE = "/users/{login}"


async def _show(turn: Turn) -> Response:
    return turn.show("personal_data.html", user=_user(turn))


async def _save(turn: Turn) -> Response:
    user = _user(turn)
    found = await personal_data.export(turn.desk, turn.actor, user.login)
    data = msgspec.json.format(msgspec.json.encode(found), indent=2)
    headers = {"content-disposition": 'attachment; filename="onvio-agent-dados.json"'}
    return Response(data + b"\n", 200, headers, "application/json")


async def _erase(turn: Turn) -> Response:
    """What the page asked about: not a user who was Ativo in between (*Back* shows old pages)."""
    user = _user(turn)
    if turn.form.text("generation") != str(user.link.generation):
        raise Refused("request.conflict", login=user.login)
    if not turn.form.ticked("confirmed"):
        turn.say(_("Nothing was erased."), _("Tick first that you understand it."), refused=True)
        return turn.go(_ONE + "/data", login=user.login)
    await turn.carry_out("erase", personal_data.erase(turn.desk, turn.actor, user.login))
    turn.say(
        _("The data of {name} was erased.").replace("{name}", user.name),
        _("Logs and backups still name this user until they are gone themselves."),
    )
    return turn.go("/users")


def _user(turn: Turn) -> User:
    turn.desk.manager_only(turn.actor)
    return rules.find_user(turn.desk.hub.office, turn.path_value("login"))


PAGE = Page(
    "",
    (
        get(_ONE + "/data", _show),
        get(_ONE + "/data.json", _save),
        post(_ONE + "/erase", _erase, back=_ONE + "/data"),
    ),
)
