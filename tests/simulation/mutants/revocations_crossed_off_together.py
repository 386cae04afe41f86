"""A revocation that is done crosses off those before it."""

from __future__ import annotations

from onvio_agent.store import revocations
from simulation.mutants.switches import given

NAME = "revocations-crossed-off-together"
WHY = "A revocation that is done crosses off those before it."
SEED, HOURS = 51, 24.0

apply = given(revocations, "_DELETE", "DELETE FROM revocations WHERE id <= ?")
