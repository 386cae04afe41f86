"""The end of a pause is looked for at once, again and again, while the clock says that it is not over."""

from __future__ import annotations

from onvio_agent.watch.expiry import ExpiryWatch
from simulation.mutants.switches import rewritten

NAME = "pause-busy"
WHY = "A timer is set for now again and again: the agent is busy for nothing."
SEED, HOURS = 9, 24.0

apply = rewritten(ExpiryWatch._resume, " and now.mono < self._pause_ends", "")
