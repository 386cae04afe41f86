"""The office's icon hides the root cause behind its consequence."""

from __future__ import annotations

from onvio_agent.verdict import icon
from simulation.mutants.switches import rewritten

NAME = "root-is-hidden"
WHY = "The office's icon hides the root cause behind its consequence."
FOUND_BY, SEED, HOURS = "", 0, 0.0

apply = rewritten(
    icon.of_office,
    'reasons.hides(root.reason or "", icon.reason or "")',
    'reasons.hides(icon.reason or "", root.reason or "")',
)
