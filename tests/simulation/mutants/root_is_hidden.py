"""The office's icon hides the root cause behind its consequence."""

from __future__ import annotations

from onvio_agent.verdict import icon
from simulation.mutants.switches import rewritten

NAME = "root-is-hidden"
WHY = "The office's icon hides the root cause behind its consequence."
SEED, HOURS = 1, 24.0

apply = rewritten(
    icon.of_office,
    "reasons.hides(root, code)",
    "reasons.hides(code, root)",
)
