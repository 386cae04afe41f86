"""Work is done one at a time, and once more for what came meanwhile: never lost, never piled up."""

from __future__ import annotations

import asyncio
from pathlib import Path

from onvio_agent.sync.pump import Pump
from support.aio import on_loop
from support.deliverers import deliverer


class Work:
    """Counts how often it ran and how many at once; each run waits for `go`."""

    def __init__(self) -> None:
        self.runs = self.now = self.most = 0
        self.go = asyncio.Event()

    async def __call__(self) -> None:
        self.runs += 1
        self.now += 1
        self.most = max(self.most, self.now)
        await self.go.wait()
        self.now -= 1


@on_loop
async def test_kicks_while_it_works_are_one_more_run(tmp_path: Path) -> None:
    async with deliverer(tmp_path, connected=False) as it:
        work = Work()
        pump = Pump(it.sync.parts.tasks, "work", work)
        for _ in range(5):
            pump.kick()
            await it.bench.settle()
        assert work.runs == 1
        work.go.set()
        await it.bench.settle()
        assert (work.runs, work.most) == (2, 1)
        pump.kick()
        await it.bench.settle()
        assert work.runs == 3
