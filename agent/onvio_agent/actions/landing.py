"""Where a browser lands after a sign-in: the shapes between the actions and whoever listens.

The listener is passed in: `api/landing.py` opens a port of this machine, a simulation none at all.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

import msgspec

from onvio_agent.errors import AgentError, Failed
from onvio_agent.onvio.oidc import Attempt
from onvio_agent.supervise import Tasks


class Landed(msgspec.Struct, frozen=True):
    """What the browser is to show at the end: that all is well, or why not."""

    error: AgentError | None = None


OnReturn = Callable[[str], Awaitable[Landed]]
"""Given the query with which a browser came back."""


class Landing(Protocol):
    """One open landing. `redirect_uri`: what the token server sends the browser to."""

    redirect_uri: str

    def close(self) -> None:
        """Take nobody in any more; an answer under way is finished. Closing twice is fine."""


class Landings(Protocol):
    """Opens landings."""

    async def open(self, tasks: Tasks, on_return: OnReturn) -> Landing:
        """One more, for a single sign-in. Raises `Failed('agent.port_taken')`."""


class NoLandings:
    """Of a machine whose browser does not reach the agent."""

    async def open(self, tasks: Tasks, on_return: OnReturn) -> Landing:
        """Never."""
        raise Failed("agent.port_taken", port=0)


class Browser(msgspec.Struct, frozen=True, kw_only=True):
    """A sign-in that a browser is to complete at `url`, which holds secrets of this sign-in. `email`: who
    is expected."""

    url: str
    attempt: Attempt
    landing: Landing
    email: str | None = None

    def __repr__(self) -> str:
        return "<Browser>"
