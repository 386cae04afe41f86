"""What ONVIO's answer about a batch means for its document, and when to ask again. Pure.

Codes decide, never texts. An unknown `E…` is a refusal, an unknown `S…` still pending: nothing is
given up, and nothing is taken for stored that is not.
"""

from __future__ import annotations

import msgspec

from onvio_agent.onvio.integration_api import Batch, Status
from onvio_agent.store.sync_base import DocumentState, Settlement, SyncDocument

_PENDING = ("SA1",)
_SHA256_SHOWN = 12
_POLL_MAX_S = 60.0
_PATIENT_S = 3600.0
"""After so long the document is asked for once in so long: nobody is in a hurry any more."""


class Outcome(msgspec.Struct, frozen=True):
    """What a document is now. `ACCEPTED`: ask again."""

    state: DocumentState
    reason: str | None = None
    fields: dict[str, str] = {}


def outcome_of(batch: Batch) -> Outcome:
    """What a batch with one document says of it."""
    if batch.status.code.startswith("E"):
        return _refused("sync.rejected", batch.status)
    if not batch.files:
        return Outcome(DocumentState.ACCEPTED)
    told = batch.files[0]
    if told.code == "SA2":
        return Outcome(DocumentState.STORED, None, _fields(told))
    if told.code == "EA10":
        return Outcome(DocumentState.DUPLICATE, "sync.already_there", _fields(told))
    if told.code == "EA13":
        return _refused("sync.company_unknown", told)
    if told.code.startswith("E"):
        return _refused("sync.rejected", told)
    if told.code in _PENDING:
        return Outcome(DocumentState.ACCEPTED)
    return Outcome(DocumentState.ACCEPTED, "sync.pending", _fields(told))


def beside(settlement: Settlement, other: SyncDocument | None) -> Settlement:
    """What "already there" means where `other` contents were delivered under the same access key."""
    if other is None:
        return settlement
    return msgspec.structs.replace(
        settlement,
        state=DocumentState.REFUSED,
        reason="sync.other_content",
        fields={
            **settlement.fields,
            "file": other.name,
            "sha256": (other.sha256 or "")[:_SHA256_SHOWN],
        },
    )


def poll_wait_s(polls: int, first_s: float) -> float:
    """Seconds before the next question after `polls` in vain."""
    if polls > 6 + _PATIENT_S / _POLL_MAX_S:
        return _PATIENT_S
    return min(first_s * 2.0 ** min(polls, 30), max(first_s, _POLL_MAX_S))


def resend_wait_s(attempts: int, first_s: float) -> float:
    """Seconds before a document goes again whose answer was lost for the `attempts`th time."""
    return min(first_s * 2.0 ** min(max(attempts, 1) - 1, 30), _PATIENT_S)


def _refused(reason: str, told: Status) -> Outcome:
    return Outcome(DocumentState.REFUSED, reason, _fields(told))


def _fields(told: Status) -> dict[str, str]:
    return {"code": told.code, "text": told.text}
