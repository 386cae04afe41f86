"""Desktop notifications over the session bus: one at a time, the latest in place of the one before.

Beside the icon, never in its way: a notification service that hangs or is missing costs nothing else.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from dbus_fast import DBusError, Variant

from onvio_agent.contract.status import IconState
from onvio_tray import icons
from onvio_tray.backends.dbus import Bus

SERVICE = (
    "org.freedesktop.Notifications",
    "/org/freedesktop/Notifications",
    "org.freedesktop.Notifications",
)
_APP = "ONVIO"
_PICTURE = 48  # pixels
_AS_THE_DESKTOP_SAYS = -1  # seconds until it fades


@dataclass(frozen=True)
class Notice:
    """What is to be read, and the picture beside it."""

    title: str
    body: str
    icon: IconState


class Notices:
    """What is wanted, and what the service shows."""

    def __init__(self) -> None:
        self._wanted: Notice | None = None
        self._changed = asyncio.Event()
        self._number = 0  # of the one that is shown; 0: none

    def want(self, notice: Notice | None) -> None:
        """Show this, or take the notification back. In the loop."""
        self._wanted = notice
        self._changed.set()

    async def serve(self, bus: Bus) -> None:
        """For ever: bring the service to show what is wanted."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                await self._show(bus, self._wanted)
            except DBusError:  # no such service, or it does not answer: no notification then
                self._number = 0

    async def _show(self, bus: Bus, notice: Notice | None) -> None:
        if notice is not None:
            (self._number,) = await bus.call(
                SERVICE,
                "Notify",
                "susssasa{sv}i",
                _APP,
                self._number,
                "",
                notice.title,
                await self._escaped(bus, notice.body),
                [],
                {"image-data": self._picture(notice.icon)},
                _AS_THE_DESKTOP_SAYS,
            )
        elif self._number:
            number, self._number = self._number, 0
            await bus.call(SERVICE, "CloseNotification", "u", number)

    async def _escaped(self, bus: Bus, text: str) -> str:
        """Bodies are markup where the service says so."""
        (able,) = await bus.call(SERVICE, "GetCapabilities")
        if "body-markup" not in able:
            return text
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    def _picture(self, icon: IconState) -> Variant:
        data = icons.pixels(icon, _PICTURE).rgba
        return Variant("(iiibiiay)", [_PICTURE, _PICTURE, _PICTURE * 4, True, 8, 4, data])
