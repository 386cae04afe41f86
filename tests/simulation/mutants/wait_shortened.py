"""A shorter wait takes the place of a longer one."""

from __future__ import annotations

from onvio_agent.onvio.gate import Gate
from simulation.mutants.switches import rewritten

NAME = "wait-shortened"
WHY = "A shorter wait takes the place of a longer one."
SEED, HOURS = 2, 24.0

apply = rewritten(
    Gate.observe, "if until > self._busy_until.get(target, now.mono):", "if until > now.mono:"
)
