"""After a restart only the wall clock is asked for a token's age."""

from __future__ import annotations

from onvio_agent.actions import refresh
from simulation.mutants.switches import rewritten

NAME = "age-by-the-wall-clock"
WHY = "After a restart only the wall clock is asked for a token's age."
SEED, HOURS = 2, 24.0

apply = rewritten(refresh.remember, "max(wall_age_s, now.mono - tokens.sent_mono)", "wall_age_s")
