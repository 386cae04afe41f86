"""A successor that a full disk did not take is dropped, and the spent token is presented again."""

from __future__ import annotations

from onvio_agent.actions import refresh
from simulation.mutants.switches import rewritten

NAME = "successor-forgotten"
WHY = (
    "A successor that a full disk did not take is dropped, and the spent token is presented again."
)
SEED, HOURS = 1, 24.0

apply = rewritten(
    refresh.access_token, "await _save_unsaved(desk, user)", "desk.unsaved.pop(user.id, None)"
)
