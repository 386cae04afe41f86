"""The metrics, for monitoring systems on this machine; who may read them: `api/scrapers.py`."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from onvio_agent.actions.sync_documents import sync_of
from onvio_agent.api.answers import route
from onvio_agent.api.auth import METRICS_PATH
from onvio_agent.api.parts import Parts
from onvio_agent.onvio.token_budget import DAILY_MAX, asked_today


def routes(parts: Parts) -> list[Route]:
    """The one."""
    return [route(parts, "GET", METRICS_PATH, _metrics)]


async def _metrics(parts: Parts, _request: Request) -> object:
    from onvio_agent.metrics.scrape import Delivery, Retries, page_of  # most agents never need it
    from onvio_agent.metrics.text import CONTENT_TYPE

    desk = parts.desk
    sync, world = sync_of(desk), desk.hub.world
    delivery = None
    if sync.is_on:
        held = sync.holds.any()
        used = asked_today(await desk.store.sync.token_requests(), desk.clock.now())
        delivery = Delivery(held.reason if held else None, used, DAILY_MAX)
    retrying = sum(link.failures > 0 for link in world.links.values())
    page = page_of(
        desk.hub.snapshot(),
        parts.tally,
        Retries(world.connection.failures, retrying),
        users=_labels(parts),
        delivery=delivery,
    )
    return Response(page, headers={"content-type": CONTENT_TYPE, "cache-control": "no-store"})


def _labels(parts: Parts) -> dict[str, str]:
    """What each user is called there; a number stays a person's and says nothing of them."""
    users, shown = parts.desk.hub.office.users, parts.desk.settings.metrics.users
    if shown == "none":
        return {}
    return {user.login: user.login if shown == "login" else f"u{user.id}" for user in users}
