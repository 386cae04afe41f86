"""What the agent learns, as data: when it asked, whom, and how it went.

`sent_at` is the instant of sending on the clock that cannot be set: validity counts from there,
whenever the answer came. A fact about a link names the generation it was made for.
"""

from __future__ import annotations

import msgspec


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers the verdicts need, all in seconds; their reasons stand in the settings."""

    probe_interval_s: float = 30.0
    connection_valid_s: float = 90.0
    failures_before_offline: int = 2
    link_valid_s: float = 900.0
    session_warning_s: float = 36_000.0
    retry_first_s: float = 1.0
    retry_max_s: float = 30.0


class ProbeStarted(msgspec.Struct, frozen=True):
    """A check on the way up has begun."""


class ProbeSucceeded(msgspec.Struct, frozen=True):
    """ONVIO answered; `latency_ms` is None where a call for another purpose served as the probe."""

    sent_at: float
    latency_ms: float | None = None


class ProbeFailed(msgspec.Struct, frozen=True):
    """ONVIO could not be used. `certain`: the system itself says so, no second try is needed."""

    sent_at: float
    reason: str
    retry_after_s: float | None = None
    certain: bool = False


class LinkSucceeded(msgspec.Struct, frozen=True):
    """An authenticated round trip for that user, whose answer named the linked person.

    `session_ends_at`: when the session ends for good, where ONVIO has said it.
    """

    user_id: int
    generation: int
    sent_at: float
    session_ends_at: float | None = None


class LinkTroubled(msgspec.Struct, frozen=True):
    """The check could not be finished; nothing was learnt about the link itself."""

    user_id: int
    generation: int
    sent_at: float
    reason: str
    retry_after_s: float | None = None


ConnectionFact = ProbeStarted | ProbeSucceeded | ProbeFailed
LinkFact = LinkSucceeded | LinkTroubled
