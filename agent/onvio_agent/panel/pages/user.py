"""One user: *Utiliza ONVIO*, *Utiliza Portal do Cliente*, *Ativo/Inativo*, the Gerente's role.

Who may do what is decided by the actions; here a form only becomes a call.
"""

from __future__ import annotations

from starlette.responses import Response

from onvio_agent.actions import people
from onvio_agent.actions.dialogue import Wish
from onvio_agent.api.user_detail import UserDetail, detail_of
from onvio_agent.contract import reasons
from onvio_agent.contract.status import ConnectionState, LinkState, Situation
from onvio_agent.errors import Refused
from onvio_agent.i18n import _
from onvio_agent.office import rules
from onvio_agent.office.model import User
from onvio_agent.panel import sign_ins
from onvio_agent.panel.next_steps import Offer, next_step, offer, step_of_icon
from onvio_agent.panel.page import Page, get, post
from onvio_agent.panel.sign_ins import What
from onvio_agent.panel.turn import Turn

_ONE = "/users/{login}"
_STEPS: dict[str, What] = {"link": "link", "portal": "portal"}


async def _show(turn: Turn) -> Response:
    user = _visible(turn)
    waiting = sign_ins.waiting(turn, user)
    detail = await detail_of(turn.desk, user)
    why_not = detail.portal_option.reason
    return turn.show(
        "one_user.html",
        user=detail,
        step=step_of_icon(detail.icon, user.login),
        offer=_offer(turn, detail),
        portal_title=_(reasons.get(why_not).title) if why_not else "",
        portal_step=next_step(why_not, {"login": user.login}) if why_not else None,
        open=turn.query("open"),
        waiting=waiting,
        past=await turn.pasts.of(user.login),
        past_max=8,
    )


def _offer(turn: Turn, user: UserDetail) -> Offer | None:
    """*Conectar*, or the way to the window that helps; also before a first link, which needs the agent
    to be connected (S1)."""
    if user.situation is Situation.INACTIVE:
        return None
    if turn.snapshot.connection.state is not ConnectionState.ONLINE:
        return offer(turn.snapshot.icon, user.login)
    return offer(user.icon, user.login)


async def _link(turn: Turn) -> Response:
    login = turn.path_value("login")
    wish = Wish(
        what="link",
        actor=turn.actor,
        login=login,
        administrator_confirmed=turn.form.ticked("administrator"),
        office_confirmed=turn.form.ticked("office"),
    )
    # What the page has asked for and was not given: it would end so again, after a sign-in in vain.
    if turn.form.text("asked") == "administrator" and not wish.administrator_confirmed:
        raise Refused("manager.unproven")
    if turn.form.text("asked") == "office" and not wish.office_confirmed:
        raise Refused("office.unproven")
    await _begin(turn, wish)
    return turn.go(_ONE, login=login)


async def _confirm_portal(turn: Turn) -> Response:
    login = turn.path_value("login")
    await _begin(turn, Wish(what="portal", actor=turn.actor, login=login))
    return turn.go(_ONE, login=login)


async def _begin(turn: Turn, wish: Wish) -> None:
    """By password, or where *Entrar pelo navegador* was pressed by ONVIO's own page."""
    if turn.form.ticked("browser"):
        await sign_ins.begin_browser(turn, wish)
    else:
        await sign_ins.begin(turn, wish)


async def _give_code(turn: Turn) -> Response:
    login = turn.path_value("login")
    await sign_ins.give_code(turn, _step(turn), login)
    return turn.go(_ONE, login=login)


async def _cancel(turn: Turn) -> Response:
    login = turn.path_value("login")
    sign_ins.cancel(turn, _step(turn), login)
    return turn.go(_ONE, login=login)


async def _rename(turn: Turn) -> Response:
    login, name = turn.path_value("login"), turn.form.text("name")
    await turn.carry_out("rename", people.rename(turn.desk, turn.actor, login, name))
    turn.say(_("Saved."))
    return turn.go(_ONE, login=login)


async def _set_situation(turn: Turn) -> Response:
    login, wanted = turn.path_value("login"), turn.form.text("situation")
    user = rules.find_user(turn.desk.hub.office, login)
    turn.desk.manager_only(turn.actor)
    if wanted == user.situation:
        return turn.go(_ONE, login=login)
    if wanted == Situation.INACTIVE:
        return turn.go(_ONE + "/inactivate", login=login)
    await turn.carry_out("activate", people.activate(turn.desk, turn.actor, login))
    turn.say(_("The user is Ativo again."), _("To link the user, tick Utiliza ONVIO."))
    return turn.go(_ONE, login=login)


async def _show_inactivate(turn: Turn) -> Response:
    turn.desk.manager_only(turn.actor)
    user = rules.find_user(turn.desk.hub.office, turn.path_value("login"))
    if not user.is_active:
        return _inactive_already(turn, user)
    return turn.show("inactivate.html", user=user, heirs=_heirs(turn, user))


def _inactive_already(turn: Turn, user: User) -> Response:
    turn.say(_("The user is Inativo already; nothing was changed."))
    return turn.go(_ONE, login=user.login)


async def _inactivate(turn: Turn) -> Response:
    """What the page asked about, once: not a link that was made since (*Back* shows old pages)."""
    login = turn.path_value("login")
    user = rules.find_user(turn.desk.hub.office, login)
    turn.desk.manager_only(turn.actor)
    if not user.is_active:
        return _inactive_already(turn, user)
    if turn.form.text("generation") not in ("", str(user.link.generation)):
        raise Refused("request.conflict", login=user.login)
    work = people.inactivate(
        turn.desk,
        turn.actor,
        login,
        confirmed=turn.form.ticked("confirmed"),
        successor=turn.form.text("successor") or None,
    )
    await turn.carry_out("inactivate", work)
    turn.say(_("The user is Inativo, and the e-mail is free."))
    return turn.go(_ONE, login=login) if turn.actor.is_manager else turn.go("/")


async def _show_promote(turn: Turn) -> Response:
    turn.desk.manager_only(turn.actor)
    user = rules.find_user(turn.desk.hub.office, turn.path_value("login"))
    return turn.show("promote.html", user=user)


async def _promote(turn: Turn) -> Response:
    login = turn.path_value("login")
    work = people.promote(
        turn.desk,
        turn.actor,
        login,
        administrator_confirmed=turn.form.ticked("administrator"),
    )
    user = await turn.carry_out("promote", work)
    turn.say(
        _("{name} is the Gerente now.").replace("{name}", user.name),
        _(
            "The password of the Gerente in this agent is still the same; sign in with the new login."
        ),
    )
    return turn.go("/")


def _visible(turn: Turn) -> User:
    """Whom this browser may look at: the Gerente everybody, others themselves."""
    user = turn.desk.hub.office.find(turn.path_value("login"))
    if not turn.is_theirs(turn.path_value("login")):
        turn.desk.manager_only(turn.actor)
    return user or rules.find_user(turn.desk.hub.office, turn.path_value("login"))


def _heirs(turn: Turn, user: User) -> list[User]:
    """Who could take the role over from `user`; none where it is not his."""
    if not user.is_manager:
        return []
    users = turn.desk.hub.office.users
    return [
        each for each in users if each.id != user.id and rules.standing(each) is LinkState.VALID
    ]


def _step(turn: Turn) -> What:
    step = _STEPS.get(turn.form.text("what"))
    if step is None:
        raise Refused("signin.expired")
    return step


PAGE = Page(
    "",
    (
        get(_ONE, _show),
        post(_ONE + "/link", _link, back=_ONE),
        post(_ONE + "/portal", _confirm_portal, back=_ONE),
        post(_ONE + "/code", _give_code, back=_ONE),
        post(_ONE + "/cancel", _cancel, back=_ONE),
        post(_ONE + "/name", _rename, back=_ONE),
        post(_ONE + "/situation", _set_situation, back=_ONE),
        get(_ONE + "/inactivate", _show_inactivate),
        post(_ONE + "/inactivate", _inactivate),
        get(_ONE + "/promote", _show_promote),
        post(_ONE + "/promote", _promote),
    ),
)
