"""Validity counts from the answer instead of from the sending."""

from __future__ import annotations

from onvio_agent.actions import check_link
from simulation.mutants.switches import rewritten

NAME = "valid-from-the-answer"
WHY = "Validity counts from the answer instead of from the sending."
SEED, HOURS = 1, 24.0

apply = rewritten(
    check_link._round_trip, "return account, sent_at", "return account, desk.clock.mono()"
)
