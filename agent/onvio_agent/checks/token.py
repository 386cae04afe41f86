"""Rung *token*: does the server answer at which people sign in? No token is sent."""

from __future__ import annotations

from onvio_agent.checks import http
from onvio_agent.onvio.user_api import UserApi


async def check(api: UserApi) -> str:
    """As `http.check`, of the token server."""
    return await http.check(api, "auth")
