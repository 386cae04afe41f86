"""Old history is never dropped."""

from __future__ import annotations

from onvio_agent.watch.housekeeping import Housekeeping
from simulation.mutants.switches import rewritten

NAME = "history-not-pruned"
WHY = "Old history is never dropped."
SEED, HOURS = 34, 24.0

apply = rewritten(Housekeeping._prune, "timedelta(days=days)", "timedelta(days=36500)")
