"""Rung *http*: does the API answer as ONVIO's does? The same request as the agent's own check."""

from __future__ import annotations

from onvio_agent.checks.finding import Broken, seen
from onvio_agent.i18n import _
from onvio_agent.onvio.errors import CloudError, Target
from onvio_agent.onvio.user_api import UserApi


async def check(api: UserApi, target: Target = "api") -> str:
    """What was asked; onvio.unavailable, onvio.limited, onvio.unexpected_answer, and all below."""
    try:
        await api.probe(target)
    except CloudError as error:
        raise Broken(error.reason, seen(error.reason, error.detail)) from error
    return _("answers")
