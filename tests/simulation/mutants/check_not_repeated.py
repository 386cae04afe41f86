"""A check that ended without having learnt anything is not tried again."""

from __future__ import annotations

from onvio_agent.watch.links import LinksWatch
from simulation.mutants.switches import rewritten

NAME = "check-not-repeated"
WHY = "A check that ended without having learnt anything is not tried again."
SEED, HOURS = 3, 24.0

apply = rewritten(LinksWatch._plan_again, "self._desk.limits.retry_first_s", "1e9")
