"""*Início*: how it stands, what to do next, everybody with their state, and how it was."""

from __future__ import annotations

from starlette.responses import Response

from onvio_agent.actions.reconnect import reconnect
from onvio_agent.contract.status import IconState, Situation, UserStatus
from onvio_agent.i18n import N_, _
from onvio_agent.panel.next_steps import Offer, offer, step_of_icon, whose_is_the_top
from onvio_agent.panel.page import Page, get, post
from onvio_agent.panel.past import CONNECTION
from onvio_agent.panel.rows import found, page_of
from onvio_agent.panel.timeline import PERIODS
from onvio_agent.panel.turn import Turn

_FIRST = {IconState.PLAY: 0, IconState.GREY: 1, IconState.GREEN: 2}


async def _show(turn: Turn) -> Response:
    wanted = turn.query("period")
    period = wanted if wanted in PERIODS else next(iter(PERIODS))
    users = sorted(found(turn.snapshot.users, turn.query("search")), key=_rank)
    rows = page_of(users, turn.query("page"))
    whose = whose_is_the_top(turn.snapshot)
    return turn.show(
        "home.html",
        period=period,
        periods=list(PERIODS),
        connection=await turn.pasts.of(CONNECTION),
        rows=rows,
        top_step=step_of_icon(turn.snapshot.icon, whose),
        warned=next((user.login for user in turn.snapshot.users if user.icon.warning), ""),
        top_offer=offer(turn.snapshot.icon, whose),
        steps=[step_of_icon(user.icon, user.login) for user in rows.users],
        offers=[_offer(turn, user) for user in rows.users],
        strips=[(await turn.pasts.of(user.login, period)).strips[period] for user in rows.users],
        counts=_counts(turn.snapshot.users),
        search=turn.query("search"),
    )


def _offer(turn: Turn, user: UserStatus) -> Offer | None:
    """What this browser can press for that user: *Conectar*, or the way to a sign-in that is theirs."""
    found = offer(user.icon, user.login)
    if found is None or user.situation is Situation.INACTIVE:
        return None
    if not found.path:
        return found if user.onvio_email else None
    return found if turn.is_theirs(user.login) else None


def _rank(user: UserStatus) -> tuple[bool, int]:
    """Who needs somebody comes first."""
    waits_for_nobody = user.situation is Situation.INACTIVE or not user.uses_onvio
    return waits_for_nobody, _FIRST[user.icon.state]


def _counts(users: tuple[UserStatus, ...]) -> dict[str, int]:
    """How many of those who use ONVIO have which icon."""
    shown = [u.icon.state for u in users if u.uses_onvio and u.situation is Situation.ACTIVE]
    return {state.value: shown.count(state) for state in IconState}


async def _reconnect(turn: Turn) -> Response:
    """*Conectar*: anybody may, for anybody (S7, S9)."""
    login = turn.form.text("login") or None
    await turn.carry_out("reconnect", reconnect(turn.desk, login))
    snapshot = turn.desk.hub.snapshot()
    icons = {user.login: user.icon for user in snapshot.users}
    whose = login if login in icons else whose_is_the_top(snapshot)
    icon = icons.get(login or "", snapshot.icon)
    if icon.state is IconState.GREEN:
        turn.say(_("Connected to ONVIO."))
    else:
        turn.say(icon.title, step_of_icon(icon, whose), refused=True)
    if login is not None and turn.form.text("to") == "user":
        return turn.go("/users/{login}", login=login)
    return turn.go("/")


PAGE = Page(N_("Home"), (get("/", _show), post("/reconnect", _reconnect, back="/")))
