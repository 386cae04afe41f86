"""The panel's door in front of the control API: what lies below the panel's own path goes there.

Loaded with the agent, so it must stay small: the panel behind it is loaded at its first request.
"""

from __future__ import annotations

from functools import cached_property

from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from onvio_agent.api.parts import Parts
from onvio_agent.panel.workstation import Workstation


def open_panel(api: Starlette, workstation: Workstation) -> None:
    """Serve the panel beside `api` (as `api.app.build_api` made it)."""
    api.add_middleware(Door, parts=api.state.parts, workstation=workstation)


class Door:
    """ASGI middleware; see the module docstring."""

    def __init__(self, app: ASGIApp, parts: Parts, workstation: Workstation) -> None:
        self._app = app
        self._parts = parts
        self._workstation = workstation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["raw_path"].decode("latin-1") if scope["type"] == "http" else ""
        if path.startswith(self._parts.tickets.base + "/"):
            await self._panel(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    @cached_property
    def _panel(self) -> ASGIApp:
        from onvio_agent.panel.house import build_panel  # templates take tens of milliseconds

        return build_panel(self._parts, self._workstation)
