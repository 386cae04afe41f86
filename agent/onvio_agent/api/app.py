"""The control API, put together from plain lists of routes.

The only way into the agent from outside: commands, tray and panel all come through here. Nothing is
decided here; see `auth.py` for who is let in and `docs/control-api.md` for what is answered.
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from onvio_agent.actions.desk import Desk
from onvio_agent.api import (
    routes_agent,
    routes_dialogues,
    routes_metrics,
    routes_panel,
    routes_revocations,
    routes_sessions,
    routes_sync,
    routes_users,
    routes_vault,
)
from onvio_agent.api.access import Access
from onvio_agent.api.answers import invalid, turn_away
from onvio_agent.api.auth import Gate
from onvio_agent.api.parts import Parts
from onvio_agent.api.stream import Streams

__all__ = ["Access", "build_api"]

_WHY = {404: "path", 405: "method"}


def build_api(desk: Desk, access: Access, request_stop: Callable[[], None]) -> Starlette:
    """The application; `request_stop` is called once a client has asked for the agent's end.

    Its `state.parts` is what `serve.ApiServer` ends the streams by.
    """
    parts = Parts(desk, access, request_stop, Streams(desk.hub))

    async def unrouted(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        no = invalid(_WHY.get(status, "request"), status)
        return turn_away(parts, no, (request.method, request.scope["path"]))

    api = Starlette(
        routes=[
            *routes_agent.routes(parts),
            *routes_users.routes(parts),
            *routes_dialogues.routes(parts),
            *routes_sessions.routes(parts),
            *routes_sync.routes(parts),
            *routes_vault.routes(parts),
            *routes_revocations.routes(parts),
            *routes_panel.routes(parts),
            *routes_metrics.routes(parts),
        ],
        middleware=[Middleware(Gate, parts=parts)],
        exception_handlers={HTTPException: unrouted},
    )
    api.router.redirect_slashes = False
    api.state.parts = parts
    return api
