"""Next steps as the panel says them: a sentence, and where it helps a link to the page that does it.

The catalogue speaks to whoever is at the icon or a terminal; whoever reads it here has the pages in
front of them. What names no command there is said here in the same words.
"""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from typing import NamedTuple

from onvio_agent.contract import reasons
from onvio_agent.contract.status import Action, IconStatus, Snapshot
from onvio_agent.errors import fill
from onvio_agent.i18n import _
from onvio_agent.panel.address import segment
from onvio_agent.panel.next_steps_by_reason import STEPS


class NextStep(NamedTuple):
    """In the user's language. `path` is below the panel's own; empty: nowhere to go for it."""

    text: str
    label: str = ""
    path: str = ""


class Offer(NamedTuple):
    """The button beside an icon: *Conectar* where `path` is empty, else a link."""

    label: str
    path: str = ""


def next_step(code: str, fields: Mapping[str, object]) -> NextStep:
    """What to do about that reason; without its link where that needs a field that is not given."""
    found = STEPS.get(code)
    if found is None:
        return NextStep(fill(_(reasons.get(code).next_step), fields))
    text = fill(_(found.text), fields)
    needed = [name for _text, name, _spec, _conv in Formatter().parse(found.path) if name]
    if not found.path or not all(name in fields for name in needed):
        return NextStep(text)
    parts = {name: segment(str(fields[name])) for name in needed}
    return NextStep(text, _(found.label), fill(found.path, parts))


def step_of_icon(icon: IconStatus, login: str | None) -> NextStep:
    """The same for an icon; `login`: whose it is, None: the office's."""
    if icon.reason is None:
        return NextStep("")
    if icon.reason not in STEPS:
        return NextStep(icon.next_step)
    return next_step(icon.reason, {} if login is None else {"login": login})


def whose_is_the_top(snapshot: Snapshot) -> str | None:
    """The login of the first user who has the reason of the top icon."""
    reason = snapshot.icon.reason
    found = (user.login for user in snapshot.users if user.icon.reason == reason)
    return next(found, None) if reason is not None else None


def offer(icon: IconStatus, login: str | None) -> Offer | None:
    """What to press beside that icon: only what can help, hence nothing where nothing does."""
    if icon.reason is None or icon.action is Action.NONE:
        return None
    if icon.action is Action.RECONNECT:
        return Offer(_("Connect"))
    step = step_of_icon(icon, login)
    return Offer(step.label, step.path) if step.path else None
