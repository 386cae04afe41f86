"""That a session will end for good is known, and told to nobody."""

from __future__ import annotations

from onvio_agent.verdict import link
from simulation.mutants.switches import rewritten

NAME = "end-of-session-untold"
WHY = "That a session will end for good is known, and told to nobody."
SEED, HOURS = 7, 24.0

apply = rewritten(link._succeed, "warn_at=_warn_at(fact.session_ends_at, limits)", "warn_at=None")
