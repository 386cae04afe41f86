"""A pause is forgotten at a restart."""

from __future__ import annotations

from onvio_agent.actions import intent
from simulation.mutants.switches import rewritten

NAME = "pause-not-saved"
WHY = "A pause is forgotten at a restart."
SEED, HOURS = 1, 24.0

apply = rewritten(intent._set, "await desk.store.set_intent(intent, at=desk.clock.wall())", "pass")
