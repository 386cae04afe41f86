"""After ONVIO was down every agent comes back in the same instant."""

from __future__ import annotations

from onvio_agent.verdict import backoff
from simulation.mutants.switches import rewritten

NAME = "returns-at-once"
WHY = "After ONVIO was down every agent comes back in the same instant."
SEED, HOURS = 4, 96.0

apply = rewritten(backoff.spread_s, "draw * width_s", "0.0 * draw * width_s")
