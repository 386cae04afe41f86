"""An e-mail that another user holds is taken over all the same."""

from __future__ import annotations

from onvio_agent.office import emails
from simulation.mutants.switches import rewritten

NAME = "collision-merged"
WHY = "An e-mail that another user holds is taken over all the same."
SEED, HOURS = 3, 24.0

apply = rewritten(emails.settle, "while clash := _clashing(current, wanted):", "while clash := []:")
