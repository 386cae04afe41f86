"""What people may know of the tokens that ONVIO is told to forget."""

from __future__ import annotations

import msgspec


class Revocations(msgspec.Struct, frozen=True, kw_only=True):
    """`waiting`: queued now; `confirmed`: by ONVIO since the agent's start."""

    waiting: int
    confirmed: int


class EndedSessions(msgspec.Struct, frozen=True, kw_only=True):
    """Every session was ended here: of how many users, how many tokens were then queued for
    revocation (earlier ones too), and what `Revocations.confirmed` was before."""

    users: int
    queued: int
    confirmed_before: int
