"""Without the Gerente nobody can be linked, but whoever is linked stays connected."""

from __future__ import annotations

from onvio_agent.office import rules
from simulation.mutants.switches import rewritten

NAME = "manager-rule-at-link-only"
WHY = "Without the Gerente nobody can be linked, but whoever is linked stays connected."
SEED, HOURS = 1, 24.0

apply = rewritten(
    rules.is_held, "return hold is not None and has_link", "return False and has_link"
)
