"""What every endpoint works with."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request

from onvio_agent.actions.desk import Actor, Desk
from onvio_agent.api.access import Access, Refusals
from onvio_agent.api.scrapers import scrapers_of
from onvio_agent.api.stream import Streams
from onvio_agent.api.tickets import Tickets
from onvio_agent.metrics.tally import Tally

SESSION_HEADER = "x-manager-session"


class Parts:
    """The desk behind the API, and what the API itself keeps."""

    def __init__(
        self, desk: Desk, access: Access, request_stop: Callable[[], None], streams: Streams
    ) -> None:
        self.desk = desk
        self.access = access
        self.request_stop = request_stop
        self.streams = streams
        self.refusals = Refusals(desk.log, desk.clock)
        self.tickets = Tickets(desk.clock, desk.entropy)
        self.scrapers = scrapers_of(desk.settings.metrics, desk.log)
        self.tally = Tally(desk.hub, desk.clock)

    def actor(self, request: Request) -> Actor:
        """The Gerente where the request carries an open session of his, else nobody special."""
        token = request.headers.get(SESSION_HEADER)
        return Actor(is_manager=token is not None and self.desk.sessions.use(token))
