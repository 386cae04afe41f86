"""Many who need the key as it is for a moment, and one who changes it when none of them does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Holds:
    """Between sealing something and storing it the key must not change: it would stay closed."""

    def __init__(self) -> None:
        self._count = 0
        self._none = asyncio.Event()
        self._none.set()
        self._alone = asyncio.Lock()

    @asynccontextmanager
    async def hold(self) -> AsyncIterator[None]:
        """Waits while somebody is alone. Never inside another one."""
        if self._alone.locked():
            async with self._alone:
                self._enter()
        else:
            self._enter()
        try:
            yield
        finally:
            self._count -= 1
            if self._count == 0:
                self._none.set()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Waits for those who hold; from now on the others wait."""
        async with self._alone:
            await self._none.wait()
            yield

    def _enter(self) -> None:
        self._count += 1
        self._none.clear()
