"""A document whose batch could not be asked for is sent again at once."""

from __future__ import annotations

from onvio_agent.sync.deliver import Delivery
from simulation.mutants.switches import rewritten

NAME = "asks-by-sending-again"
WHY = "A document whose batch could not be asked for is sent again at once."
SEED, HOURS = 5, 24.0

apply = rewritten(
    Delivery._poll,
    "self._postpone(document, wait_s, polls=polls)",
    "Settlement(document_id=document.id, state=DocumentState.WAITING, reason=error.reason)",
)
