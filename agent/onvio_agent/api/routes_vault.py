"""The vault: where its key lies, and a new key in place of the present one."""

from __future__ import annotations

from starlette.requests import Request
from starlette.routing import Route

from onvio_agent.actions.vault import give_up_key, rotate_key
from onvio_agent.api.answers import carry_out, route
from onvio_agent.api.parts import Parts


def routes(parts: Parts) -> list[Route]:
    """All of them."""
    return [
        route(parts, "GET", "/v1/vault", _status),
        route(parts, "POST", "/v1/vault/rotate", _rotate),
        route(parts, "POST", "/v1/vault/renew", _renew),
    ]


async def _status(parts: Parts, _request: Request) -> object:
    return await parts.desk.vault.status()


async def _rotate(parts: Parts, request: Request) -> object:
    return await carry_out(parts, "rotate_key", rotate_key(parts.desk, parts.actor(request)))


async def _renew(parts: Parts, request: Request) -> object:
    return await carry_out(parts, "give_up_key", give_up_key(parts.desk, parts.actor(request)))
