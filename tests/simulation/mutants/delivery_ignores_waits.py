"""The delivery sends on although ONVIO has asked it to wait."""

from __future__ import annotations

from onvio_agent.sync.deliver import Delivery
from simulation.mutants.switches import rewritten

NAME = "delivery-ignores-waits"
WHY = "The delivery sends on although ONVIO has asked it to wait."
SEED, HOURS = 5, 24.0

apply = rewritten(
    Delivery._may, "return self._parts.may_speak and held is None", "return self._parts.may_speak"
)
