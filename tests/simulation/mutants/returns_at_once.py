"""After ONVIO was down every link is checked in the same instant."""

from __future__ import annotations

from onvio_agent.verdict import backoff
from simulation.mutants.switches import rewritten

NAME = "returns-at-once"
WHY = "After ONVIO was down every link is checked in the same instant."
SEED, HOURS = 2, 24.0

apply = rewritten(backoff.spread_s, "draw * width_s", "0.0 * draw * width_s")
