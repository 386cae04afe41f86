"""The office is green as soon as one of its users is."""

from __future__ import annotations

from onvio_agent.verdict import icon
from simulation.mutants.switches import rewritten

NAME = "office-green-too-soon"
WHY = "The office is green as soon as one of its users is."
SEED, HOURS = 1, 24.0

apply = rewritten(icon.of_office, "if not given:", "if len(given) < len(icons):")
