"""An e-mail that somebody else holds is never asked for again."""

from __future__ import annotations

from onvio_agent.actions import check_link
from simulation.mutants.switches import rewritten

NAME = "collision-told-once"
WHY = "An e-mail that somebody else holds is never asked for again."
SEED, HOURS = 28, 24.0

apply = rewritten(check_link._take_over, "if news or reported is not None:", "if news:")
