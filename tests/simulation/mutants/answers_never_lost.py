"""A document that was being sent when the process was killed is forgotten."""

from __future__ import annotations

from onvio_agent.store import sync_documents
from simulation.mutants.switches import rewritten

NAME = "answers-never-lost"
WHY = "A document that was being sent when the process was killed is forgotten."
SEED, HOURS = 25, 24.0

apply = rewritten(
    sync_documents.restarted,
    "return db.execute(_UNKNOWN_FATE, (_LOST, resend_mono, mono)).rowcount",
    "return 0",
)
