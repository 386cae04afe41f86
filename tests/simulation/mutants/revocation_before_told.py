"""A revocation is crossed off before ONVIO is told."""

from __future__ import annotations

from onvio_agent.actions import revoke
from simulation.mutants.switches import rewritten

NAME = "revocation-before-told"
WHY = "A revocation is crossed off before ONVIO is told."
SEED, HOURS = 3, 24.0

apply = rewritten(
    revoke._revoke,
    "await desk.oauth.revoke(token)",
    "await desk.store.revocation_done(item.id)\n            await desk.oauth.revoke(token)",
)
