"""The queue of revocations is lost with the process."""

from __future__ import annotations

from onvio_agent import agent
from simulation.mutants.switches import rewritten

NAME = "revocations-in-memory"
WHY = "The queue of revocations is lost with the process."
SEED, HOURS = 8, 24.0

apply = rewritten(
    agent.assemble,
    "kept = await store.retries()",
    "kept = await store.retries()\n"
    "    await store._read(lambda db: db.execute('DELETE FROM revocations') and None)",
)
