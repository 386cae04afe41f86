"""The way from the control API into the panel: a one-time link for a browser."""

from __future__ import annotations

from starlette.requests import Request
from starlette.routing import Route

from onvio_agent.api.answers import route
from onvio_agent.api.parts import Parts
from onvio_agent.api.tickets import TICKET_S


def routes(parts: Parts) -> list[Route]:
    """The only one."""
    return [route(parts, "POST", "/v1/panel", _issue, status=201)]


async def _issue(parts: Parts, request: Request) -> object:
    address = f"http://127.0.0.1:{request.scope['server'][1]}"
    return {"url": address + parts.tickets.issue(), "expires_in_s": TICKET_S}
