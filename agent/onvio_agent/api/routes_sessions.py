"""The Gerente's sessions in this agent."""

from __future__ import annotations

from starlette.requests import Request
from starlette.routing import Route

from onvio_agent.actions.manager import sign_in
from onvio_agent.api.answers import carry_out, route
from onvio_agent.api.bodies import SignIn, body_of
from onvio_agent.api.parts import SESSION_HEADER, Parts


def routes(parts: Parts) -> list[Route]:
    """All of them."""
    return [
        route(parts, "POST", "/v1/sessions", _open, status=201),
        route(parts, "DELETE", "/v1/sessions", _close),
    ]


async def _open(parts: Parts, request: Request) -> object:
    body = await body_of(request, SignIn)
    work = sign_in(parts.desk, body.login, body.password)
    session = await carry_out(parts, "sign_in", work)
    return {"session": session, "idle_s": parts.desk.settings.control.session_idle_s}


async def _close(parts: Parts, request: Request) -> object:
    """The session of the request itself; one that is not open is closed already."""
    token = request.headers.get(SESSION_HEADER)
    if token is not None:
        parts.desk.sessions.close(token)
    return None
