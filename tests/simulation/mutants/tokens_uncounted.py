"""The requests of one day for tokens are not counted."""

from __future__ import annotations

from onvio_agent.sync.keeper import TokenKeeper
from simulation.mutants.switches import rewritten

NAME = "tokens-uncounted"
WHY = "The requests of one day for tokens are not counted."
SEED, HOURS = 5, 24.0

apply = rewritten(
    TokenKeeper._ask,
    "number = await parts.store.note_token_request(now, keep=REMEMBERED)",
    "number = 0",
)
