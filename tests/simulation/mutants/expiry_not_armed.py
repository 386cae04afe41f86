"""Nobody is woken when a verdict stops holding."""

from __future__ import annotations

from onvio_agent.watch.expiry import ExpiryWatch
from simulation.mutants.switches import rewritten

NAME = "expiry-not-armed"
WHY = "Nobody is woken when a verdict stops holding."
SEED, HOURS = 4, 24.0

apply = rewritten(
    ExpiryWatch._arm, "self._timer.at(_EXPIRY, expiry + _LATE_S, self._on_expiry)", "pass"
)
