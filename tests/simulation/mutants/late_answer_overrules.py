"""A slow answer to an old question overrules the newer one."""

from __future__ import annotations

from onvio_agent.verdict import connection
from simulation.mutants.switches import rewritten

NAME = "late-answer-overrules"
WHY = "A slow answer to an old question overrules the newer one."
SEED, HOURS = 11, 24.0

apply = rewritten(
    connection.decide, "if fact.sent_at < previous.heard_at", "if fact.sent_at < float('-inf')"
)
