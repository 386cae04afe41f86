"""What the hub publishes: the whole state, and what changed in it. Shapes and pure readings of them.

Nothing here decides a state or keeps one; see `hub.py`.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from onvio_agent.clock import Now
from onvio_agent.contract.status import AgentInfo, Intent, IntentState, Newer, Situation
from onvio_agent.office import rules
from onvio_agent.office.model import Office, User
from onvio_agent.verdict import icon as icons
from onvio_agent.verdict.connection import ConnectionVerdict
from onvio_agent.verdict.icon import Icon
from onvio_agent.verdict.link import LinkVerdict


class Process(msgspec.Struct, frozen=True, kw_only=True):
    """Who speaks in a snapshot. `panel`: whether it serves one; `newer`: than its version."""

    version: str
    pid: int
    boot_id: str
    started_at: datetime
    panel: bool = False
    newer: Newer | None = None

    def info(self, revision: int) -> AgentInfo:
        """The same for a snapshot of that revision."""
        return AgentInfo(revision=revision, **msgspec.structs.asdict(self))


class World(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a snapshot is made of.

    `hold`: why only the Gerente may be connected (`office.rules.hold_of`); `alert`: a reason above
    all others.
    """

    office: Office = Office()
    intent: Intent = Intent(state=IntentState.RUN)
    connection: ConnectionVerdict = ConnectionVerdict()
    links: dict[int, LinkVerdict] = {}
    hold: str | None = None
    alert: str | None = None

    def hold_on(self, user: User) -> str | None:
        """Why this user must wait for the Gerente, or None."""
        return self.hold if rules.is_held(user, self.hold) else None


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One change worth a line in the log. `kind`: connection | link | icon | intent |
    warning.

    `login` is None for what concerns the whole workstation; `duration_s` is how long the former
    state had lasted, None where unknown.
    """

    kind: str
    login: str | None
    before: str
    after: str
    reason: str | None
    duration_s: float | None


class Publication(msgspec.Struct, frozen=True):
    """One published state. `users`: those whose verdict may have changed, in the office's order."""

    changes: tuple[Change, ...]
    world: World
    users: tuple[User, ...]
    now: Now


def icon_of(world: World, user: User, mono: float) -> Icon:
    """One user's icon at that instant."""
    return icons.of_user(
        world.intent.state, world.connection, world.links[user.id], world.hold_on(user), mono
    )


def icon_of_workstation(
    world: World, own_login: str, by_user: dict[int, Icon], mono: float
) -> Icon:
    """The icon of the workstation's own user, or the office's where there is none."""
    if world.alert is not None:
        return icons.of_reason(world.alert)
    own = world.office.find(own_login) if own_login else None
    if own is not None:
        return by_user[own.id]
    running = world.intent.state is IntentState.RUN and world.connection.is_online(mono)
    if running and world.office.manager is None:
        return icons.of_reason("manager.missing")
    counted = [
        by_user[user.id]
        for user in sorted(world.office.users, key=lambda user: not user.is_manager)
        if user.situation is Situation.ACTIVE and user.uses_onvio
    ]
    return icons.of_office(world.intent.state, world.connection, counted, mono)
