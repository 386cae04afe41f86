"""A watcher whose tick fails once is never called again."""

from __future__ import annotations

from onvio_agent.watch import again
from simulation.mutants.switches import given

NAME = "watcher-dies"
WHY = "A watcher whose tick fails once is never called again."
SEED, HOURS = 8, 24.0

apply = given(again, "AGAIN_S", 1e12)
