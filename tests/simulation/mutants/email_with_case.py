"""E-mails are compared with their case."""

from __future__ import annotations

from onvio_agent.office import model
from simulation.mutants.switches import rewritten

NAME = "email-with-case"
WHY = "E-mails are compared with their case."
SEED, HOURS = 3, 24.0

apply = rewritten(model.text_key, ".casefold()", "")
