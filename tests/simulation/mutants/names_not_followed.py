"""A name that was changed at ONVIO is never taken over."""

from __future__ import annotations

from onvio_agent.actions import check_link
from simulation.mutants.switches import rewritten

NAME = "names-not-followed"
WHY = "A name that was changed at ONVIO is never taken over."
SEED, HOURS = 17, 24.0

apply = rewritten(check_link._take_over, "account.name or known.name", "known.name")
