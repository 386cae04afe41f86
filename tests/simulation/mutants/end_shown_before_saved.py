"""An end is shown before it is committed."""

from __future__ import annotations

from onvio_agent.actions import check_link
from simulation.mutants.switches import rewritten

NAME = "end-shown-before-saved"
WHY = "An end is shown before it is committed."
SEED, HOURS = 1, 24.0

apply = rewritten(
    check_link.end,
    "    try:",
    "    desk.hub.set_office(_with_end(desk.hub.office, user, reason))\n    try:",
)
