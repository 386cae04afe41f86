"""Documents are delivered although a person has paused the connection."""

from __future__ import annotations

from onvio_agent.sync.deliver import Delivery
from simulation.mutants.switches import rewritten

NAME = "delivers-in-pauses"
WHY = "Documents are delivered although a person has paused the connection."
SEED, HOURS = 15, 24.0

apply = rewritten(
    Delivery._may, "return self._parts.may_speak and held is None", "return held is None"
)
