"""Two actions may spend one refresh token at the same time."""

from __future__ import annotations

from onvio_agent.actions.desk import Desk
from simulation.mutants.switches import rewritten

NAME = "two-refreshers"
WHY = "Two actions may spend one refresh token at the same time."
SEED, HOURS = 12, 24.0

apply = rewritten(
    Desk.turn, "return self._turns.setdefault(user_id, asyncio.Lock())", "return asyncio.Lock()"
)
