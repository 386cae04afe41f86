"""Tokens that ONVIO is told to forget: how many wait, and every user's at once."""

from __future__ import annotations

from starlette.requests import Request
from starlette.routing import Route

from onvio_agent.actions.people import end_sessions
from onvio_agent.actions.revoke import waiting
from onvio_agent.api.answers import carry_out, route
from onvio_agent.api.parts import Parts


def routes(parts: Parts) -> list[Route]:
    """All of them."""
    return [
        route(parts, "GET", "/v1/revocations", _waiting),
        route(parts, "POST", "/v1/revocations/all", _all),
    ]


async def _waiting(parts: Parts, _request: Request) -> object:
    return await waiting(parts.desk)


async def _all(parts: Parts, request: Request) -> object:
    return await carry_out(parts, "end_sessions", end_sessions(parts.desk, parts.actor(request)))
