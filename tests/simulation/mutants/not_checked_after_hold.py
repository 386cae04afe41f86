"""Who had to wait for the Gerente is never checked again once he is back."""

from __future__ import annotations

from onvio_agent.watch.links import LinksWatch
from simulation.mutants.switches import rewritten, together

NAME = "not-checked-after-hold"
WHY = "Who had to wait for the Gerente is never checked again once he is back."
SEED, HOURS = 1, 24.0

apply = together(
    rewritten(LinksWatch._plan, "self._plans.pop(user.id, None)", "pass"),
    rewritten(
        LinksWatch._follow, "self._plans.clear()", "self._in_flight |= dict.fromkeys(self._plans)"
    ),
)
