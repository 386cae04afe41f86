"""After a restart only the wall clock is asked for a token's age."""

from __future__ import annotations

from onvio_agent.onvio import token_set
from simulation.mutants.switches import rewritten

NAME = "age-by-the-wall-clock"
WHY = "After a restart only the wall clock is asked for a token's age."
SEED, HOURS = 9, 24.0

apply = rewritten(
    token_set.age_s,
    "max((now.wall - tokens.obtained_at).total_seconds(), now.mono - tokens.sent_mono)",
    "(now.wall - tokens.obtained_at).total_seconds()",
)
