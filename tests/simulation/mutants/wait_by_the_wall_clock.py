"""After a restart the rest of a wait is counted on the wall clock."""

from __future__ import annotations

from onvio_agent.watch import promises
from simulation.mutants.switches import rewritten

NAME = "wait-by-the-wall-clock"
WHY = "After a restart the rest of a wait is counted on the wall clock, which somebody may set."
SEED, HOURS = 18, 24.0

apply = rewritten(promises.left_s, "if retry.set_mono is not None and", "if False and")
