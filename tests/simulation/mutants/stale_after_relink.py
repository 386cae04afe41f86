"""The answer to a check of the old link is taken for the new one: no turns, no generations."""

from __future__ import annotations

from onvio_agent.actions.desk import Desk
from onvio_agent.store import people
from onvio_agent.verdict import link
from simulation.mutants.switches import rewritten, together

NAME = "stale-after-relink"
WHY = "The answer to a check of the old link is taken for the new one: no turns, no generations."
SEED, HOURS = 12, 24.0

apply = together(
    rewritten(
        Desk.turn, "return self._turns.setdefault(user_id, asyncio.Lock())", "return asyncio.Lock()"
    ),
    rewritten(link.decide, "fact.generation != standing.generation or ", ""),
    rewritten(
        people._is_linked, "links.user_of(db, user_id, generation)", "links.user_of(db, user_id)"
    ),
)
