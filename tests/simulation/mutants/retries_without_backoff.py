"""What fails is tried again at once, over and over."""

from __future__ import annotations

from onvio_agent.verdict import backoff
from simulation.mutants.switches import rewritten

NAME = "retries-without-backoff"
WHY = "What fails is tried again at once, over and over."
SEED, HOURS = 1, 24.0

apply = rewritten(
    backoff.delay_s, "return max(min(_FLOOR_S, ceiling), draw * ceiling)", "return _FLOOR_S"
)
