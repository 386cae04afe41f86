"""The menu's lines, and the names by which a chosen line comes back. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import msgspec

from onvio_agent.clock import Now
from onvio_agent.contract.status import IconState, IntentState, Situation, UserStatus
from onvio_agent.i18n import _
from onvio_agent.plain_text import clean, cut
from onvio_tray.backends.base import SEPARATOR, MenuItem
from onvio_tray.sight import Heard, Sight, is_login, pending_documents, user_ends_at

RECONNECT, PANEL, PAUSE, RESUME = "reconnect", "panel", "pause", "resume"
LOGS, QUIT = "logs", "quit"
USER, OWN = "user/", "own/"
"""Beginnings of the names of lines about a user; the login follows. `own/` alone: nobody's."""

USERS_MAX = 20
"""A menu longer than a screen cannot be used; `onvio-agent status` shows everybody."""

_NAME_MAX = 40


class Face(msgspec.Struct, frozen=True):
    """The workstation's icon with its sentences, fit for a screen. `reason` None: green.

    `warning` (title, next step): what stands beside green.
    """

    icon: IconState
    reason: str | None
    title: str
    next_step: str
    warning: tuple[str, str] | None = None


def menu(
    face: Face, sight: Sight, now: Now, own_login: str, *, may_choose: bool
) -> tuple[MenuItem, ...]:
    """All lines, from top to bottom."""
    groups: list[list[MenuItem]] = [[*_sentences(face)]]
    if isinstance(sight, Heard):
        groups[0] += [*_panel(sight)]
        groups += [[*_users(sight, now)], [*_intent(sight)], [*_documents(sight)]]
        groups += [[*_own(sight, own_login)]] if may_choose else []
    last = [MenuItem(LOGS, _("Open the log folder")), MenuItem(QUIT, _("Quit"))]
    groups.append([*_newer(sight), *last])
    lines = [line for group in groups if group for line in (SEPARATOR, *group)]
    return tuple(lines[1:])


def _sentences(face: Face) -> Iterator[MenuItem]:
    yield MenuItem("", face.title, enabled=False)
    if face.icon is not IconState.GREEN:
        yield MenuItem("", face.next_step, enabled=False)
    for sentence in face.warning or ():
        yield MenuItem("", sentence, enabled=False)
    yield MenuItem(RECONNECT, _("Connect again"))


def _panel(heard: Heard) -> Iterator[MenuItem]:
    """An agent of another version may have none."""
    if heard.snapshot.agent.panel:
        yield MenuItem(PANEL, _("Open the panel"))


def _users(heard: Heard, now: Now) -> Iterator[MenuItem]:
    """Those who use ONVIO; a click on one tries that one's connection again."""
    users = [user for user in _active(heard) if user.uses_onvio]
    for user in islice(users, USERS_MAX):
        ends_at = user_ends_at(heard, user)
        expired = ends_at is not None and now.mono >= ends_at
        yield MenuItem(
            USER + user.login, _name(user), icon=IconState.GREY if expired else user.icon.state
        )
    yield from _more(len(users))


def _intent(heard: Heard) -> Iterator[MenuItem]:
    if heard.snapshot.intent.state is IntentState.PAUSED:
        yield MenuItem(RESUME, _("Resume"))
    else:
        yield MenuItem(PAUSE, _("Pause for 1 hour"))


def _documents(heard: Heard) -> Iterator[MenuItem]:
    pending = pending_documents(heard)
    if pending is not None:
        text = _("Pending documents: {n}").replace("{n}", str(pending))
        yield MenuItem("", text, enabled=False)


def _own(heard: Heard, own_login: str) -> Iterator[MenuItem]:
    """Whose workstation this is: one line once it is known, a choice until then."""
    users = [*_active(heard)]
    if own_login:
        chosen = next((user for user in users if is_login(user.login, own_login)), None)
        name = _name(chosen) if chosen else cut(clean(own_login), _NAME_MAX)
        yield MenuItem(OWN, _("This computer belongs to {name} (change…)").replace("{name}", name))
    elif users:
        yield MenuItem("", _("This computer belongs to:"), enabled=False)
        for user in islice(users, USERS_MAX):
            yield MenuItem(OWN + user.login, _name(user))
        yield from _more(len(users))


def _newer(sight: Sight) -> Iterator[MenuItem]:
    """A newer version, where the administrator's address told the agent of one."""
    newer = sight.snapshot.agent.newer if isinstance(sight, Heard) else None
    if newer is not None:
        told = _("Version {version} is available.").replace("{version}", clean(newer.version))
        yield MenuItem("", told, enabled=False)


def _active(heard: Heard) -> Iterator[UserStatus]:
    return (user for user in heard.snapshot.users if user.situation is Situation.ACTIVE)


def _more(count: int) -> Iterator[MenuItem]:
    if count > USERS_MAX:
        text = _("and {n} more").replace("{n}", str(count - USERS_MAX))
        yield MenuItem("", text, enabled=False)


def _name(user: UserStatus) -> str:
    return cut(clean(user.name) or clean(user.login), _NAME_MAX)
