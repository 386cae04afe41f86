"""History and log get a line for every check, whether or not anything has changed."""

from __future__ import annotations

from onvio_agent.changes import Changes
from simulation.mutants.switches import rewritten

NAME = "history-of-nothing"
WHY = "History and log get a line for every check, whether or not anything has changed."
SEED, HOURS = 2, 24.0

apply = rewritten(Changes.after, " or self._seen[subject][0] != state", " or True")
