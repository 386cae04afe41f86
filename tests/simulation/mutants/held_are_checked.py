"""Links that must wait for the Gerente are shown as waiting, yet checked all the same."""

from __future__ import annotations

from onvio_agent.actions import check_link
from onvio_agent.watch.links import LinksWatch
from simulation.mutants.switches import rewritten, together

NAME = "held-are-checked"
WHY = "Links that must wait for the Gerente are shown as waiting, yet checked all the same."
SEED, HOURS = 1, 24.0

apply = together(
    rewritten(check_link._check, "if rules.is_held(user, desk.hub.world.hold):", "if False:"),
    rewritten(LinksWatch._is_wanted, " and not rules.is_held(user, world.hold)", ""),
)
