"""A wait that the token server names is kept towards the API."""

from __future__ import annotations

from onvio_agent.onvio.gate import Gate
from simulation.mutants.switches import rewritten

NAME = "wait-of-one-server-only"
WHY = "A wait that the token server names is kept towards the API."
SEED, HOURS = 1, 24.0

apply = rewritten(
    Gate.send, "self.observe(request.target, response)", "self.observe('api', response)"
)
