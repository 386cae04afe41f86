"""A check in flight judges who has just become the Gerente by a role that it did not ask for."""

from __future__ import annotations

from onvio_agent.actions import check_link
from simulation.mutants.switches import rewritten

NAME = "promoted-by-old-role"
WHY = "A check in flight judges who has just become the Gerente by a role that it did not ask for."
SEED, HOURS = 2, 24.0

apply = rewritten(check_link._judge, "user.is_manager and now is not None", "now is not None")
