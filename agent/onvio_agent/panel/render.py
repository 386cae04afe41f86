"""Templates to HTML. Whatever is foreign is cleaned and escaped on its way out, always.

The only place that knows the template engine, loaded when a browser first comes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from math import ceil
from typing import TYPE_CHECKING

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from onvio_agent import __version__
from onvio_agent.contract import reasons
from onvio_agent.errors import AgentError, fill
from onvio_agent.i18n import N_, _, age, current_language, duration
from onvio_agent.panel.address import segment
from onvio_agent.panel.next_steps import next_step
from onvio_agent.panel.pages import PAGES
from onvio_agent.plain_text import clean, cut

if TYPE_CHECKING:
    from onvio_agent.panel.turn import Turn

LANGUAGES = (("pt_BR", "Português (Brasil)"), ("en", "English"))
"""Each by its own name."""

_SOON_S = 60.0
"""Nearer than this, minutes would say "now" and mean "in a while"."""

_SHORT = 48
"""Characters of a name in a list; its title has all of them."""

_PERIODS = {"24h": N_("24 hours"), "7d": N_("7 days"), "30d": N_("30 days")}
_STATES = {
    "not_linked": N_("not linked"),
    "unconfirmed": N_("Utiliza Portal do Cliente not confirmed"),
    "valid": N_("connected"),
    "waiting": N_("waiting"),
    "needs_person": N_("somebody is needed"),
    "inactive": N_("Inativo"),
}


def render(turn: Turn, template: str, values: Mapping[str, object]) -> str:
    """A whole page. What was kept for it is used up, unless the page only looks again by itself."""
    visit, actor = turn.visit, turn.actor
    shown = {
        "base": turn.parts.tickets.base,
        "here": turn.request.scope["path"].removeprefix(turn.parts.tickets.base),
        "menu": [(page.path, page.label) for page in PAGES if page.label],
        "snapshot": turn.snapshot,
        "now": turn.desk.clock.wall(),
        "form_token": visit.form_token,
        "is_manager": actor.is_manager,
        "manager": turn.desk.hub.office.manager,
        "notices": list(visit.notices),
        "kept": dict(visit.kept),
        "version": __version__,
    }
    if not turn.is_live:
        visit.notices.clear()
        visit.kept.clear()
    return _environment().get_template(template).render(**(shown | dict(values)))


def render_bare(template: str, *, base: str, error: AgentError | None = None) -> str:
    """A page for whoever has no visit: it knows nothing of the office."""
    step = next_step(error.code, error.fields) if error is not None else None
    return _environment().get_template(template).render(base=base, error=error, step=step)


@cache
def _environment() -> Environment:
    folder = files("onvio_agent.panel").joinpath("templates")
    made = Environment(
        loader=FunctionLoader(lambda name: folder.joinpath(name).read_text("utf-8")),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_fit,
        trim_blocks=True,
        lstrip_blocks=True,
        cache_size=-1,
        auto_reload=False,
    )
    made.globals.update(_=_, languages=LANGUAGES, lang=lambda: current_language().replace("_", "-"))
    made.filters.update(
        fill=lambda text, **fields: fill(text, fields),
        moment=_moment,
        due=_due,
        clock=_clock,
        age=_age,
        duration=duration,
        reason=_reason,
        period=lambda name: _(_PERIODS[name]),
        percent=_percent,
        step=next_step,
        short=lambda text: cut(clean(text), _SHORT),
        email=_email,
        lines=_lines,
        stamp=_stamp,
        quoted=segment,
        countdown=lambda seconds: f"{ceil(seconds) // 60}:{ceil(seconds) % 60:02}",
        state=lambda name: _(_STATES[name]) if name in _STATES else name,
    )
    return made


def _reason(code: str | None) -> str:
    """The sentence of a reason; of one that a later version has recorded, its code."""
    if code is None:
        return "-"
    return _(reasons.get(code).title) if code in reasons.CATALOGUE else code


def _email(text: str) -> Markup:
    """One that breaks where people would break it."""
    return Markup("<wbr>").join(re.split(r"(?<=[@._-])", clean(text)))


def _lines(text: object) -> Markup:
    """A text that keeps its breaks."""
    return Markup("\n").join(clean(line) for line in str(text).splitlines())


def _stamp(at: object) -> Markup | str:
    """The local time of a log entry, to the second; what is none stays as it is."""
    try:
        moment = datetime.fromisoformat(str(at))
    except ValueError:
        return str(at)
    return _time(moment, moment.astimezone().strftime(_("%m-%d %H:%M:%S")))


def _percent(share: float) -> str:
    """Rounded down: what was not all of the time is not shown as all of it."""
    return f"{int(share * 100)} %"


def _fit(value: object) -> object:
    """Foreign text without what a screen should not be told; what is markup already stays."""
    return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _clock(moment: datetime) -> str:
    """The local time, exactly."""
    return moment.astimezone().strftime(_("%Y-%m-%d %H:%M:%S"))


def _moment(moment: datetime) -> Markup:
    """The local time in short; the exact one is its title."""
    short = moment.astimezone().strftime(_("%m-%d %H:%M"))
    return _time(moment, short)


def _due(moment: datetime, now: datetime) -> Markup:
    """When something comes next: to the second where that is soon."""
    soon = (moment - now).total_seconds() < _SOON_S
    return _time(moment, moment.astimezone().strftime(_("%H:%M:%S"))) if soon else _moment(moment)


def _age(moment: datetime | None, now: datetime) -> Markup:
    """How long ago; the exact time is its title."""
    if moment is None:
        return Markup("-")
    return _time(moment, age((now - moment).total_seconds()))


def _time(moment: datetime, text: str) -> Markup:
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        moment.isoformat(), _clock(moment), text
    )
