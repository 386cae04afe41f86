"""Asks the administrator's address once a day whether there is a newer version, and says so once.

It decides no state: a version that is old connects as well as a new one.
"""

from __future__ import annotations

from onvio_agent.actions.desk import Desk
from onvio_agent.onvio.errors import CloudError
from onvio_agent.onvio.transport import Network
from onvio_agent.onvio.update_notice import ask_newer
from onvio_agent.timer import Timer
from onvio_agent.watch.again import surviving

_NAME = "update"
FIRST_S = 600.0
"""Not while the workstation starts."""

EVERY_S = 86_400.0
"""Versions come by the month."""

_DEADLINE_S = 10.0


class UpdateWatch:
    """Does nothing at all where `update.url` is empty. `address`: a transport to that address alone."""

    def __init__(self, desk: Desk, timer: Timer, address: Network | None) -> None:
        self._desk = desk
        self._timer = timer
        self._address = address
        self._on_ask = surviving(desk, timer, _NAME, self._ask)

    def start(self) -> None:
        """Begin, where there is an address."""
        if self._address is not None:
            self._timer.at(_NAME, self._desk.clock.mono() + FIRST_S, self._on_ask)

    async def _ask(self) -> None:
        if self._address is None:
            return
        desk = self._desk
        self._timer.at(_NAME, desk.clock.mono() + EVERY_S, self._on_ask)
        try:
            newer = await ask_newer(self._address, desk.hub.process.version, deadline_s=_DEADLINE_S)
        except CloudError as error:
            desk.log.info("update.not_known", error=error.reason)
            return
        except ValueError as error:
            desk.log.info("update.not_known", error=str(error))
            return
        if newer is not None and newer != desk.hub.process.newer:
            desk.log.info("update.available", version=newer.version, page=newer.page or None)
        desk.hub.set_newer(newer)
