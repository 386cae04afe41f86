"""A refused access token ends the link; the refresh token is not tried."""

from __future__ import annotations

from onvio_agent.actions import check_link
from simulation.mutants.switches import rewritten

NAME = "old-token-ends-link"
WHY = "A refused access token ends the link; the refresh token is not tried."
SEED, HOURS = 1, 24.0

apply = rewritten(check_link._ask, "except TokenRefused:", "except TokenRefused:\n        raise")
