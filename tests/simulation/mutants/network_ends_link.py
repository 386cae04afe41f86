"""A network error during a check ends the link."""

from __future__ import annotations

from onvio_agent.actions import check_link
from simulation.mutants.switches import rewritten

NAME = "network-ends-link"
WHY = "A network error during a check ends the link."
SEED, HOURS = 1, 24.0

apply = rewritten(
    check_link._check,
    "trouble(desk, user, error.reason, started, error.retry_after_s)",
    "await end(desk, user, 'link.session_ended', keep_tokens=False)",
)
