"""A transport that costs nothing until something is sent: its library takes tens of milliseconds."""

from __future__ import annotations

from collections.abc import Callable

from onvio_agent.onvio.transport import Network, Request, Response


class LoadedLater:
    """A transport that is built at its first use."""

    def __init__(self, build: Callable[[], Network]) -> None:
        self._build = build
        self._built: Network | None = None

    async def send(self, request: Request, *, deadline_s: float) -> Response:
        """Build it where it was not, and send."""
        if self._built is None:
            self._built = self._build()
        return await self._built.send(request, deadline_s=deadline_s)

    async def renew(self) -> None:
        """As the transport does, where there is one."""
        if self._built is not None:
            await self._built.renew()

    async def aclose(self) -> None:
        """As the transport does, where there is one."""
        if self._built is not None:
            await self._built.aclose()
