"""What the icon shows and what a click on it does: a pure function of what was heard, and the instant.

It decides no state: it shows the agent's, or grey where nothing was heard or what was heard no longer
holds. It knows no clock, no file and no desktop.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from onvio_agent.clock import Now
from onvio_agent.contract import reasons
from onvio_agent.contract.status import IconState
from onvio_agent.errors import fill
from onvio_agent.i18n import N_, _, age
from onvio_agent.plain_text import clean
from onvio_tray.backends.base import Shown
from onvio_tray.menu import Face, menu
from onvio_tray.sight import Heard, Sight, top_ends_at

_MINUTE_S, _HOUR_S, _DAY_S = 60.0, 3600.0, 86_400.0
_STALE = "agent.stale"
_PAUSED = "paused"


class Click(StrEnum):
    """What one click does. All but `start` and `restart` need an agent that answers."""

    PANEL = "panel"

    SAY = "say"
    RECONNECT = "reconnect"
    START = "start"
    RESTART = "restart"


_WITHOUT_AGENT = {
    "agent.stopped": (Click.START, N_("Click the icon to start it.")),
    "agent.not_answering": (Click.RESTART, N_("Click the icon: the agent is started anew.")),
    "agent.stranger": (Click.RESTART, N_("Click the icon: the agent is started anew.")),
    "agent.exposed": (Click.RESTART, N_("Click the icon: the agent is started anew.")),
    "agent.version_mismatch": (Click.RESTART, N_("Click the icon: the agent is started anew.")),
}


class Own(msgspec.Struct, frozen=True):
    """What the tray knows by itself: whose workstation it is, whether that may be changed here."""

    login: str = ""
    may_choose: bool = True
    green_at: datetime | None = None
    """When ONVIO was last seen to answer while the icon was green."""


class View(msgspec.Struct, frozen=True):
    """`reason` is None exactly when the icon is green; `warning` (title, next step) may stand beside
    that. `changes_at`: when the same sight looks
    different (mono, s)."""

    shown: Shown
    click: Click
    reason: str | None
    title: str
    next_step: str
    green_at: datetime | None
    warning: tuple[str, str] | None
    changes_at: float | None


def view(sight: Sight, now: Now, own: Own) -> View:
    """What to show at `now`."""
    face, click, ends_at = _face(sight, now, own)
    green = face.icon is IconState.GREEN
    snapshot = sight.snapshot if isinstance(sight, Heard) else None
    green_at = snapshot.connection.checked_at if snapshot and green else own.green_at
    tooltip, older_at = _tooltip(face, green_at, now)
    shown = Shown(
        icon=face.icon,
        tooltip=tooltip,
        menu=menu(face, sight, now, own.login, may_choose=own.may_choose),
        attention=face.icon is IconState.PLAY and face.reason != _PAUSED,
    )
    ends = [end for end in (ends_at, older_at) if end is not None]
    return View(
        shown=shown,
        click=click,
        reason=face.reason,
        title=face.title,
        next_step=face.next_step,
        green_at=green_at,
        warning=face.warning,
        changes_at=min(ends, default=None),
    )


def _face(sight: Sight, now: Now, own: Own) -> tuple[Face, Click, float | None]:
    """The icon with its sentences, what a click does, and when it stops being green (mono, s)."""
    if not isinstance(sight, Heard):
        reason = reasons.get(sight.code)
        click, step = _WITHOUT_AGENT.get(sight.code, (Click.SAY, reason.next_step))
        title = clean(fill(_(reason.title), sight.fields))
        step = clean(fill(_(step), sight.fields))
        return Face(IconState.GREY, sight.code, title, step), click, None
    ends_at = top_ends_at(sight, own.login)
    if ends_at is not None and now.mono >= ends_at:
        stale = reasons.get(_STALE)
        face = Face(IconState.GREY, _STALE, _(stale.title), _(stale.next_step))
        return face, Click.RECONNECT, None
    icon = sight.snapshot.icon
    green = Click.PANEL if sight.snapshot.agent.panel else Click.SAY
    click = green if icon.state is IconState.GREEN else Click.RECONNECT
    told = icon.warning
    warning = (clean(told.title), clean(told.next_step)) if told is not None else None
    face = Face(icon.state, icon.reason, clean(icon.title), clean(icon.next_step), warning)
    return face, click, ends_at


def _tooltip(face: Face, green_at: datetime | None, now: Now) -> tuple[str, float | None]:
    """One sentence with the age of the last success, and when that age is said differently."""
    title = " ".join((face.title, *(face.warning or ())[:1]))
    if green_at is None:
        return title, None
    seconds = (now.wall - green_at).total_seconds()
    words = age(seconds) if seconds >= _MINUTE_S else _("less than a minute ago")
    green = face.icon is IconState.GREEN
    told = _("{state}, checked {age}.") if green else _("{state}; last connected {age}.")
    sentence = told.replace("{state}", title.rstrip(".")).replace("{age}", words)
    unit = _MINUTE_S if seconds < _HOUR_S else _HOUR_S if seconds < _DAY_S else _DAY_S
    return sentence, now.mono + unit - max(0.0, seconds) % unit
