"""Nobody is woken when the last working day of a session begins."""

from __future__ import annotations

from onvio_agent.verdict.link import LinkVerdict
from simulation.mutants.switches import rewritten

NAME = "end-of-session-not-armed"
WHY = "Nobody is woken when the last working day of a session begins."
SEED, HOURS = 47, 24.0

apply = rewritten(LinkVerdict.instants, "self.valid_until, self.warn_at", "self.valid_until, None")
