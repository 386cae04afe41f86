"""ONVIO's Retry-After is forgotten at a restart."""

from __future__ import annotations

from onvio_agent import agent
from simulation.mutants.switches import rewritten

NAME = "retry-after-forgotten"
WHY = "ONVIO's Retry-After is forgotten at a restart."
SEED, HOURS = 2, 24.0

apply = rewritten(
    agent._take_up, "gate.restore({target: now.wall + timedelta(seconds=wait_s)})", "pass"
)
