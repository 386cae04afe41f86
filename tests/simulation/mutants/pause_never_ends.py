"""A pause does not end by itself."""

from __future__ import annotations

from onvio_agent.watch.expiry import ExpiryWatch
from simulation.mutants.switches import rewritten

NAME = "pause-never-ends"
WHY = "A pause does not end by itself."
SEED, HOURS = 1, 24.0

apply = rewritten(ExpiryWatch._resume, "await resume(self._desk)", "pass")
