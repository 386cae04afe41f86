"""A password that was just reset is tried again once more than it may be."""

from __future__ import annotations

from onvio_agent.actions import dialogue
from simulation.mutants.switches import rewritten

NAME = "password-tried-too-often"
WHY = "A password that was just reset is tried again once more than it may be."
SEED, HOURS = 11, 24.0

apply = rewritten(
    dialogue._hold,
    "for count in (1, 2, 3)",
    "for count in (0, 1, 2, 3)",
)
