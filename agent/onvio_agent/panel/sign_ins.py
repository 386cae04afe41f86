"""Sign-ins at ONVIO that were begun in this browser and take more than one step.

The dialogue's name is a secret: it stays in the visit and is in no page and no address.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from onvio_agent.actions import browser, dialogue
from onvio_agent.actions.dialogue import Dialogue, Done, Wish
from onvio_agent.api.routes_dialogues import shown
from onvio_agent.contract.sign_in import OpenDialogue
from onvio_agent.errors import AgentError, Refused
from onvio_agent.i18n import _
from onvio_agent.office.model import User, text_key
from onvio_agent.panel.turn import Turn

What = Literal["link", "portal"]


class Waiting(msgspec.Struct, frozen=True):
    """What the page shows of an open one. `is_over`: it must be loaded anew to hear what came of it."""

    what: What
    dialogue: OpenDialogue | None = None
    is_over: bool = False


async def begin(turn: Turn, wish: Wish) -> None:
    """Try what the form says: done, refused (raises), or now waiting for more."""
    form, key = turn.form, _key(wish.what, wish.login)
    email = form.text("email")
    turn.visit.kept["email"] = email
    turn.visit.kept["what"] = wish.what
    work = dialogue.begin(
        turn.desk, wish, email, form.text("password"), just_reset=form.ticked("just_reset")
    )
    result = await turn.carry_out(wish.what, work)
    turn.visit.kept.clear()
    if isinstance(result, Dialogue):
        turn.visit.dialogues[key] = result.id
    else:
        _tell(turn, wish.what, result)


async def begin_browser(turn: Turn, wish: Wish) -> None:
    """*Entrar pelo navegador*: the page then shows the way to ONVIO's own page."""
    email = turn.visit.kept["email"] = turn.form.text("email")
    work = browser.begin(turn.desk, wish, email=email or None)
    opened = await turn.carry_out(wish.what, work)
    turn.visit.dialogues[_key(wish.what, wish.login)] = opened.id


async def give_code(turn: Turn, what: What, login: str) -> None:
    """Go on with the code that the form gives; raises where it is not the right one."""
    found = turn.visit.dialogues.get(_key(what, login))
    if found is None:
        raise Refused("signin.expired")
    was = _open(turn, found)
    email = was.asked.email if was is not None and was.asked is not None else ""
    try:
        done = await turn.carry_out(
            "give_code", dialogue.give_code(turn.desk, found, turn.form.text("code"))
        )
    except AgentError as error:
        if _open(turn, found) is None:  # a refusal has ended it
            turn.visit.dialogues.pop(_key(what, login), None)
            turn.visit.kept |= {"what": what, "email": email}
        _tell_recovery_code(turn, error.fields.get("recovery_code"))
        raise
    _finish(turn, what, login, done)


def cancel(turn: Turn, what: What, login: str) -> None:
    """Give it up."""
    found = turn.visit.dialogues.pop(_key(what, login), None)
    if found is not None:
        dialogue.cancel(turn.desk, found)


def cancel_all(turn: Turn) -> None:
    """Give up whatever was begun in this browser."""
    for name in turn.visit.dialogues.values():
        dialogue.cancel(turn.desk, name)
    turn.visit.dialogues.clear()


def waiting(turn: Turn, user: User) -> list[Waiting]:
    """What is open for that user in this browser; tells what has come of the others."""
    return [
        found for what in ("link", "portal") if (found := _look(turn, what, user.login)) is not None
    ]


def _look(turn: Turn, what: What, login: str) -> Waiting | None:
    name = turn.visit.dialogues.get(_key(what, login))
    if name is None:
        return None
    try:
        opened = dialogue.find(turn.desk, name)
        if turn.is_live and opened.outcome is not None:
            return Waiting(what, is_over=True)
        found = dialogue.look(turn.desk, name)
    except AgentError as error:
        del turn.visit.dialogues[_key(what, login)]
        turn.refuse(error)
        return None
    if isinstance(found, Dialogue):
        return Waiting(what, shown(turn.parts, found))
    _finish(turn, what, login, found)
    return None


def _finish(turn: Turn, what: What, login: str, done: Done) -> None:
    turn.visit.dialogues.pop(_key(what, login), None)
    _tell(turn, what, done.user)
    _tell_recovery_code(turn, done.recovery_code)


def _open(turn: Turn, name: str) -> Dialogue | None:
    return next((each for each in dialogue.open_dialogues(turn.desk) if each.id == name), None)


def _tell(turn: Turn, what: What, user: User) -> None:
    if what == "portal":
        turn.say(_("Connected to ONVIO."))
    elif user.link.confirmed:
        turn.say(_("Signed in to ONVIO."))
    else:
        turn.say(
            _("Linked to ONVIO."), _("Now tick Utiliza Portal do Cliente, with the same account.")
        )


def _tell_recovery_code(turn: Turn, code: object) -> None:
    if code:
        text = _("The recovery code is spent. The next one: {code} (write it down now)")
        turn.say(text.replace("{code}", str(code)))


def _key(what: str, login: str) -> str:
    return f"{what}:{text_key(login)}"
