"""An access token is used for as long as ONVIO lets it: an end shows after a day."""

from __future__ import annotations

from onvio_agent.actions import refresh
from simulation.mutants.switches import rewritten

NAME = "renewed-only-when-expired"
WHY = "An access token is used for as long as ONVIO lets it: an end shows after a day."
SEED, HOURS = 1, 24.0

apply = rewritten(
    refresh.remember,
    "min(desk.settings.links.refresh_after_s, tokens.expires_in_s - _EARLY_S)",
    "tokens.expires_in_s - _EARLY_S",
)
