"""What the tray knows of the agent at an instant, and until when it holds. Data and arithmetic only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from onvio_agent.contract.status import IconState, Snapshot, UserStatus


class Heard(msgspec.Struct, frozen=True):
    """The agent's last snapshot, and when it came, on the clock that nobody can set (s)."""

    snapshot: Snapshot
    at_mono: float


class Unheard(msgspec.Struct, frozen=True):
    """Why there is no agent to show: a reason of the catalogue, with the fields of its texts."""

    code: str
    fields: dict[str, Any] = {}


Sight = Heard | Unheard


def user_ends_at(heard: Heard, user: UserStatus) -> float | None:
    """When that user's green ends unless more is heard; None where the icon is not green."""
    if user.icon.state is not IconState.GREEN:
        return None
    return _end(heard, (user,))


def top_ends_at(heard: Heard, own_login: str) -> float | None:
    """The same for the workstation's icon: its own user's, or that of everybody who is green."""
    if heard.snapshot.icon.state is not IconState.GREEN:
        return None
    own = [user for user in heard.snapshot.users if is_login(user.login, own_login)]
    green = [user for user in own or heard.snapshot.users if user.icon.state is IconState.GREEN]
    return _end(heard, green)


def pending_documents(heard: Heard) -> int | None:
    """Documents that are not delivered yet; None where synchronisation is off."""
    sync = heard.snapshot.sync
    counts = (sync.queued, sync.sending, sync.accepted, sync.waiting)
    return None if sync.queued is None else sum(count or 0 for count in counts)


def is_login(one: str, other: str) -> bool:
    """Whether both name the same user."""
    return one.strip().casefold() == other.strip().casefold()


def _end(heard: Heard, users: Iterable[UserStatus]) -> float | None:
    """The earliest end of the connection's verdict and of those users' links."""
    spans = (heard.snapshot.connection.ttl_s, *(user.link.ttl_s for user in users))
    return min((heard.at_mono + span for span in spans if span is not None), default=None)
