"""What waited to be written of a person is written although they were erased meanwhile."""

from __future__ import annotations

from onvio_agent.store import history
from simulation.mutants.switches import rewritten

NAME = "written-after-erasure"
WHY = "What waited to be written of a person is written although they were erased meanwhile."
SEED, HOURS = 3, 24.0

apply = rewritten(history.add, "if t.subject in known", "if True")
