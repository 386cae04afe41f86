"""What is queued for revocation waits for the next start."""

from __future__ import annotations

from onvio_agent.watch.housekeeping import Housekeeping
from simulation.mutants.switches import rewritten

NAME = "revocations-not-kicked"
WHY = "What is queued for revocation waits for the next start."
SEED, HOURS = 1, 24.0

apply = rewritten(
    Housekeeping.kick, "self._timer.at(_REVOKE, self._desk.clock.mono(), self._on_revoke)", "pass"
)
