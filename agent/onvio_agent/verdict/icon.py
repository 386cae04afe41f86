"""The icon: a total function of the states and the instant.

**Green iff** the connection is online, the link valid and confirmed, nobody is held back by the
Gerente, neither verdict has expired, and the intent is to run. Otherwise a reason decides, taken in
the order paused > connection (a start included) > Gerente > own link; the catalogue gives its icon.
Reasons of the agent itself (stopped, stale, another version) are found by whoever shows it.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from onvio_agent.contract import reasons
from onvio_agent.contract.status import (
    ConnectionState,
    IconState,
    IntentState,
    LinkState,
)
from onvio_agent.verdict.connection import ConnectionVerdict
from onvio_agent.verdict.link import LinkVerdict

_STALE = "agent.stale"


class Icon(msgspec.Struct, frozen=True):
    """`reason` is None exactly when the icon is green. `warning`: what may stand beside green."""

    state: IconState
    reason: str | None
    warning: str | None = None


GREEN = Icon(IconState.GREEN, None)
_ENDS_SOON = Icon(IconState.GREEN, None, "link.ends_soon")


def of_reason(code: str) -> Icon:
    """The icon that the catalogue gives to a reason."""
    return Icon(reasons.get(code).icon, code)


def of_user(
    intent: IntentState,
    connection: ConnectionVerdict,
    link: LinkVerdict,
    hold: str | None,
    mono: float,
) -> Icon:
    """One user's icon. `hold`: why this user must wait for the Gerente, or None."""
    above = _above_the_link(intent, connection, mono) or hold
    if above is not None:
        return of_reason(above)
    if link.is_valid(mono):
        return _ENDS_SOON if link.ends_soon(mono) else GREEN
    return of_reason(_STALE if link.state is LinkState.VALID else link.reason or _STALE)


def of_office(
    intent: IntentState, connection: ConnectionVerdict, counted: Iterable[Icon], mono: float
) -> Icon:
    """The office's icon, of the icons of the users that count (the Gerente first).

    The reason left after `hides`; among equals an arrow beats grey, then the order given.
    """
    above = _above_the_link(intent, connection, mono)
    if above is not None:
        return of_reason(above)
    icons = list(counted)
    if not icons:
        return of_reason("link.none")
    given = [icon for icon in icons if icon.reason is not None]
    if not given:
        return next((icon for icon in icons if icon.warning is not None), GREEN)
    codes = list(dict.fromkeys(icon.reason or "" for icon in given))  # few, in any office
    roots = [code for code in codes if not any(reasons.hides(root, code) for root in codes)]
    left = [icon for icon in given if icon.reason in roots]
    arrows = [icon for icon in left if icon.state is IconState.PLAY]
    return (arrows or left or given)[0]


def _above_the_link(intent: IntentState, connection: ConnectionVerdict, mono: float) -> str | None:
    """The first reason of agent, intent and connection, or None when all three allow green."""
    if intent is IntentState.PAUSED:  # nothing is checked meanwhile, so nothing else is known
        return "paused"
    if connection.is_online(mono):
        return None
    if connection.state is ConnectionState.ONLINE:  # and expired
        return connection.trouble or _STALE
    return connection.reason or "agent.starting"
