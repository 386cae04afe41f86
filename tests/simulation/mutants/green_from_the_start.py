"""After a start links count as valid before any check, as the last run left them."""

from __future__ import annotations

from onvio_agent.verdict import link
from simulation.mutants.switches import rewritten

NAME = "green-from-the-start"
WHY = "After a start links count as valid before any check, as the last run left them."
SEED, HOURS = 1, 24.0

apply = rewritten(
    link._of_generation, "since=now.wall,", "since=now.wall, valid_until=now.mono + 900.0,"
)
