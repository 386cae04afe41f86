"""A Gerente who is no administrator any more goes on as before."""

from __future__ import annotations

from onvio_agent.actions import check_link
from simulation.mutants.switches import rewritten

NAME = "demoted-manager-stays"
WHY = "A Gerente who is no administrator any more goes on as before."
SEED, HOURS = 46, 24.0

apply = rewritten(check_link._judge, "account.role is OnvioRole.STAFF", "False")
