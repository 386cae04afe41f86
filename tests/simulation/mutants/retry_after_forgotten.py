"""ONVIO's Retry-After is forgotten at a restart."""

from __future__ import annotations

from onvio_agent import agent
from simulation.mutants.switches import rewritten

NAME = "retry-after-forgotten"
WHY = "ONVIO's Retry-After is forgotten at a restart."
FOUND_BY, SEED, HOURS = "", 0, 0.0

apply = rewritten(
    agent._take_up, "gate.restore({target: now.wall + timedelta(seconds=wait_s)})", "pass"
)
