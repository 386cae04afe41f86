"""One loop of work at a time that begins when it is wanted and ends when nothing is left."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from onvio_agent.supervise import Tasks


class Pump:
    """`kick` it: `work` runs, and once more for each kick that came meanwhile."""

    def __init__(self, tasks: Tasks, name: str, work: Callable[[], Awaitable[None]]) -> None:
        self._tasks = tasks
        self._name = name
        self._work = work
        self._again = False
        self._task: asyncio.Task[None] | None = None

    def kick(self) -> None:
        """There is something to do."""
        self._again = True
        if self._task is None or self._task.done():
            self._task = self._tasks.spawn(self._name, self._run())

    async def _run(self) -> None:
        while self._again:
            self._again = False
            await self._work()
