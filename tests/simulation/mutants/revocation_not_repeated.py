"""A revocation that fails is crossed off the list."""

from __future__ import annotations

from onvio_agent.actions import revoke
from simulation.mutants.switches import rewritten

NAME = "revocation-not-repeated"
WHY = "A revocation that fails is crossed off the list."
SEED, HOURS = 1, 24.0

apply = rewritten(
    revoke._revoke,
    "await desk.store.revocation_failed(item.id)",
    "await desk.store.revocation_done(item.id)",
)
