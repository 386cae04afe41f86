"""A document that was given up goes again in place of being asked for."""

from __future__ import annotations

from onvio_agent.store import sync_documents
from simulation.mutants.switches import given

NAME = "sends-what-was-given-up"
WHY = "A document that was given up goes again in place of being asked for."
SEED, HOURS = 5, 24.0

_BATCH, _STATE = (
    "iif(reason = :given_up, batch_id, NULL)",
    "ELSE 'accepted' END",
)

apply = given(
    sync_documents,
    "_RETRY",
    sync_documents._RETRY.replace(_BATCH, "NULL").replace(_STATE, "ELSE 'queued' END"),
)
