"""Who is inactivated goes on being shown as before."""

from __future__ import annotations

from onvio_agent.actions import people
from simulation.mutants.switches import rewritten

NAME = "inactivation-not-shown"
WHY = "Who is inactivated goes on being shown as before."
SEED, HOURS = 1, 24.0

apply = rewritten(people._settled, "await desk.reload_office()", "pass")
