"""A document whose batch could not be asked for is sent again at once."""

from __future__ import annotations

from onvio_agent.sync.deliver import Delivery
from simulation.mutants.switches import rewritten

NAME = "asks-by-sending-again"
WHY = "A document whose batch could not be asked for is sent again at once."
SEED, HOURS = 5, 24.0

apply = rewritten(
    Delivery._poll,
    "await self._postpone(client, document, wait_s, polls=polls)",
    "await self._settle(client, document, DocumentState.WAITING, reason=error.reason)",
)
