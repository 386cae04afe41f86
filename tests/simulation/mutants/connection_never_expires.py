"""A connection that was online once stays so until a probe fails, as over a sleep."""

from __future__ import annotations

from onvio_agent.verdict import connection
from simulation.mutants.switches import rewritten

NAME = "connection-never-expires"
WHY = "A connection that was online once stays so until a probe fails, as over a sleep."
SEED, HOURS = 1, 24.0

apply = rewritten(
    connection._succeed, "fact.sent_at + limits.connection_valid_s", "fact.sent_at + 1e9"
)
