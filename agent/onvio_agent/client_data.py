"""The client's calls about what is kept of people: names, personal data, sessions that are to go. Part of `client.py`."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import msgspec

from onvio_agent.client_sync import Call
from onvio_agent.contract.revocations import EndedSessions, Revocations
from onvio_agent.contract.status import UserStatus


class DataCalls:
    """See docs/control-api.md. Calls raise what `client.Agent`'s do."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def end_sessions(self) -> EndedSessions:
        """End every user's ONVIO session here; its tokens wait to be revoked."""
        answer = self._call("POST", "/v1/revocations/all")
        return msgspec.json.decode(answer, type=EndedSessions)

    def rename(self, login: str, name: str) -> UserStatus:
        """Another name in this agent."""
        answer = self._call("PUT", f"/v1/users/{quote(login, safe='')}/name", {"name": name})
        return msgspec.json.decode(answer, type=UserStatus)

    def export(self, login: str) -> dict[str, Any]:
        """All that is kept of this user, by table."""
        answer = self._call("GET", f"/v1/users/{quote(login, safe='')}/data")
        return msgspec.json.decode(answer, type=dict[str, Any])

    def erase(self, login: str) -> None:
        """Erase it, for good."""
        self._call("DELETE", f"/v1/users/{quote(login, safe='')}")

    def revocations(self) -> Revocations:
        """How many tokens still wait."""
        return msgspec.json.decode(self._call("GET", "/v1/revocations"), type=Revocations)
