"""A click during a pause is forgotten."""

from __future__ import annotations

from onvio_agent.actions import reconnect
from simulation.mutants.switches import rewritten

NAME = "click-ends-no-pause"
WHY = "A click during a pause is forgotten."
SEED, HOURS = 1, 24.0

apply = rewritten(reconnect.reconnect, "await resume(desk)", "pass")
