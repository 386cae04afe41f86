"""The client's calls about sessions and personal data that are to go. Part of `client.py`."""

from __future__ import annotations

import msgspec

from onvio_agent.client_sync import Call
from onvio_agent.contract.revocations import EndedSessions, Revocations


class DataCalls:
    """See docs/control-api.md. Calls raise what `client.Agent`'s do."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def end_sessions(self) -> EndedSessions:
        """End every user's ONVIO session here; its tokens wait to be revoked."""
        answer = self._call("POST", "/v1/revocations/all")
        return msgspec.json.decode(answer, type=EndedSessions)

    def revocations(self) -> Revocations:
        """How many tokens still wait."""
        return msgspec.json.decode(self._call("GET", "/v1/revocations"), type=Revocations)
