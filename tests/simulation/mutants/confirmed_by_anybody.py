"""The portal may be confirmed with another account than the linked one."""

from __future__ import annotations

from onvio_agent.office import rules
from simulation.mutants.switches import rewritten

NAME = "confirmed-by-anybody"
WHY = "The portal may be confirmed with another account than the linked one."
SEED, HOURS = 11, 24.0

apply = rewritten(rules.check_portal_account, "if not is_same_person(user, account):", "if False:")
