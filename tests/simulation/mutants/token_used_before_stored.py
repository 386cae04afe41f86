"""A new access token is used while its refresh token is still on the way to the store."""

from __future__ import annotations

from onvio_agent.actions import refresh
from simulation.mutants.switches import rewritten

NAME = "token-used-before-stored"
WHY = "A new access token is used while its refresh token is still on the way to the store."
SEED, HOURS = 1, 24.0

apply = rewritten(
    refresh._refresh,
    "    await _save_unsaved(desk, user)",
    "    desk.tasks.spawn('save', _save_unsaved(desk, user))",
)
