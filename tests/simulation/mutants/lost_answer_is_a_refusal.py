"""A document whose answer was lost is taken for refused."""

from __future__ import annotations

from onvio_agent.sync.deliver import Delivery
from simulation.mutants.switches import rewritten

NAME = "lost-answer-is-a-refusal"
WHY = "A document whose answer was lost is taken for refused."
SEED, HOURS = 15, 24.0

apply = rewritten(Delivery._send, "state=DocumentState.WAITING,", "state=DocumentState.REFUSED,")
