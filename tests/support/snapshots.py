"""Snapshots for tests of faces, as an agent would publish them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import get_args

import msgspec

from onvio_agent.contract import reasons
from onvio_agent.contract.status import (
    Action,
    AgentInfo,
    ConnectionState,
    ConnectionStatus,
    IconState,
    IconStatus,
    Intent,
    IntentState,
    LinkState,
    LinkStatus,
    Newer,
    Role,
    Situation,
    Snapshot,
    SyncStatus,
    UserStatus,
)
from onvio_agent.i18n import _

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def icon_of(reason: str | None) -> IconStatus:
    """The icon that goes with a reason; None: green."""
    if reason is None:
        return IconStatus(
            state=IconState.GREEN,
            reason=None,
            title=_("Connected to ONVIO."),
            next_step=_("Nothing to do."),
            action=Action.OPEN_PANEL,
        )
    entry = reasons.get(reason)
    return IconStatus(
        state=entry.icon,
        reason=reason,
        title=_(entry.title),
        next_step=_(entry.next_step),
        action=entry.action,
    )


def user_with(
    login: str,
    reason: str | None = None,
    *,
    name: str = "",
    ttl_s: float | None = None,
    active: bool = True,
    uses_onvio: bool = True,
) -> UserStatus:
    """A user whose icon has that reason; None: green."""
    link = LinkStatus(
        state=LinkState.VALID if reason is None else LinkState.WAITING,
        reason=reason,
        since=NOW,
        checked_at=NOW,
        valid_until=None,
        retry_at=None,
        ttl_s=ttl_s,
    )
    return UserStatus(
        login=login,
        name=name or login.title(),
        role=Role.STANDARD,
        situation=Situation.ACTIVE if active else Situation.INACTIVE,
        onvio_email=f"{login}@escritorio.example",
        uses_onvio=uses_onvio,
        uses_client_portal=uses_onvio,
        icon=icon_of(reason),
        link=link,
    )


def snapshot_of(
    *users: UserStatus,
    reason: str | None = None,
    ttl_s: float | None = 90.0,
    checked_at: datetime | None = NOW,
    sync: SyncStatus | None = None,
    version: str = "1",
    pid: int = 1,
    panel: bool = False,
    newer: Newer | None = None,
) -> Snapshot:
    """An office of these users whose icon has that reason; None: green."""
    connection = ConnectionStatus(
        state=ConnectionState.ONLINE if reason is None else ConnectionState.OFFLINE,
        reason=reason,
        since=NOW,
        checked_at=checked_at,
        valid_until=None,
        retry_at=None,
        latency_ms=12.4,
        ttl_s=ttl_s,
    )
    state = IntentState.PAUSED if reason == "paused" else IntentState.RUN
    return Snapshot(
        agent=AgentInfo(
            version=version,
            pid=pid,
            boot_id="b",
            revision=1,
            started_at=NOW,
            panel=panel,
            newer=newer,
        ),
        intent=Intent(state=state),
        connection=connection,
        icon=icon_of(reason),
        users=users,
        sync=sync or SyncStatus(),
    )


def keys_of(shape: object, before: str = "") -> Iterator[str]:
    """Every key of it, those of its parts with a dot; of a list those of its rows."""
    for field in msgspec.structs.fields(shape):
        yield before + field.name
        for part in [field.type, *get_args(field.type)]:
            if isinstance(part, type) and issubclass(part, msgspec.Struct):
                yield from keys_of(part, f"{before}{field.name}.")
