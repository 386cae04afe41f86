"""The shapes that cross a process boundary: what `status --json` prints and every face shows.

Frozen data only: no I/O, no clock, no decisions, nothing imported from the rest of the project.
Wall times are aware UTC datetimes (msgspec writes them as RFC 3339); durations are seconds.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

API_VERSION = 1
"""Raised when a client of another version could misread an answer of the control API."""


class IntentState(StrEnum):
    """What a person wants, kept across restarts."""

    RUN = "run"
    PAUSED = "paused"


class ConnectionState(StrEnum):
    """The workstation's connection to ONVIO. `checking` exists only on the way up."""

    STARTING = "starting"
    CHECKING = "checking"
    ONLINE = "online"
    OFFLINE = "offline"
    WAITING = "waiting"


class LinkState(StrEnum):
    """One user's link. Only a definitive answer of ONVIO leads to `needs_person`."""

    NOT_LINKED = "not_linked"
    UNCONFIRMED = "unconfirmed"
    VALID = "valid"
    WAITING = "waiting"
    NEEDS_PERSON = "needs_person"
    INACTIVE = "inactive"


class IconState(StrEnum):
    """What the tray shows: filled circle, arrow, hollow circle."""

    GREEN = "green"
    PLAY = "play"
    GREY = "grey"


class Action(StrEnum):
    """What one click on the icon does."""

    RECONNECT = "reconnect"
    SIGN_IN = "sign_in"
    START_AGENT = "start_agent"
    OPEN_PANEL = "open_panel"
    NONE = "none"


class Role(StrEnum):
    """A user's role in the office; `manager` is the Gerente."""

    MANAGER = "manager"
    STANDARD = "standard"


class Situation(StrEnum):
    """*Situação* of a user: Ativo or Inativo."""

    ACTIVE = "active"
    INACTIVE = "inactive"


class _Wire(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """Base of every wire shape: immutable, by name, tolerant of keys added later."""


class Newer(_Wire, frozen=True, kw_only=True):
    """A version above the agent's own. `page`: where to read of it, "" for nowhere."""

    version: str
    page: str


class AgentInfo(_Wire, frozen=True, kw_only=True):
    """Which process speaks: `revision` grows with each published change, `boot_id` with none.

    `panel`: whether `onvio-agent panel` opens anything. `newer`: told by the administrator's address.
    """

    version: str
    pid: int
    boot_id: str
    revision: int
    started_at: datetime
    panel: bool = False
    newer: Newer | None = None


class Intent(_Wire, frozen=True, kw_only=True):
    """`until` is None for an open-ended pause and for `run`."""

    state: IntentState
    until: datetime | None = None


class Finding(_Wire, frozen=True, kw_only=True):
    """Something that somebody should look at; it shows no icon of its own."""

    code: str
    title: str
    next_step: str


class IconStatus(_Wire, frozen=True, kw_only=True):
    """The icon with its sentence, already in the user's language. `warning` may stand beside green."""

    state: IconState
    reason: str | None
    title: str
    next_step: str
    action: Action
    warning: Finding | None = None


class ConnectionStatus(_Wire, frozen=True, kw_only=True):
    """`ttl_s`: seconds for which this verdict still holds, counted when the snapshot was made."""

    state: ConnectionState
    reason: str | None
    since: datetime | None
    checked_at: datetime | None
    valid_until: datetime | None
    retry_at: datetime | None
    latency_ms: float | None
    ttl_s: float | None


class LinkStatus(_Wire, frozen=True, kw_only=True):
    """Same times as `ConnectionStatus`, for one user's link. `session_ends_at`: when somebody must have
    signed in again; None where ONVIO does not say."""

    state: LinkState
    reason: str | None
    since: datetime | None
    checked_at: datetime | None
    valid_until: datetime | None
    retry_at: datetime | None
    ttl_s: float | None
    session_ends_at: datetime | None = None


class UserStatus(_Wire, frozen=True, kw_only=True):
    """One user's row."""

    login: str
    name: str
    role: Role
    situation: Situation
    onvio_email: str | None
    uses_onvio: bool
    uses_client_portal: bool
    icon: IconStatus
    link: LinkStatus


class SyncStatus(_Wire, frozen=True, kw_only=True):
    """Counts of fiscal documents by state; None where synchronisation is not set up."""

    queued: int | None = None
    sending: int | None = None
    accepted: int | None = None
    stored: int | None = None
    duplicate: int | None = None
    refused: int | None = None
    waiting: int | None = None
    oldest_queued_at: datetime | None = None


class Snapshot(_Wire, frozen=True, kw_only=True):
    """Everything a face may show, at one instant."""

    agent: AgentInfo
    intent: Intent
    connection: ConnectionStatus
    icon: IconStatus
    users: tuple[UserStatus, ...]
    sync: SyncStatus


def encode(value: object) -> bytes:
    """JSON of a wire shape (or of a list or dict of them), UTF-8."""
    return msgspec.json.encode(value)


def decode_snapshot(data: bytes) -> Snapshot:
    """The snapshot in `data`; raises `msgspec.ValidationError` naming the path that is wrong."""
    return msgspec.json.decode(data, type=Snapshot)
