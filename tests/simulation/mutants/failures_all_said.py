"""Each repetition of the same failure is a line of the log."""

from __future__ import annotations

from onvio_agent.log.repeats import Repeats
from simulation.mutants.switches import rewritten

NAME = "failures-all-said"
WHY = "Each repetition of the same failure is a line of the log."
SEED, HOURS = 1, 24.0

apply = rewritten(Repeats.failure, "return", "return True or")
