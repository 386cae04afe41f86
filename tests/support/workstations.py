"""A workstation below one folder, for the panel's pages: its real settings and log, and a ladder whose
rungs a test decides."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from onvio_agent.checks.finding import Broken
from onvio_agent.checks.ladder import ORDER, Check, Climb, climb
from onvio_agent.contract.diagnosis import Diagnosis, Rung
from onvio_agent.contract.status import Snapshot
from onvio_agent.contract.vault import VaultStatus
from onvio_agent.panel.workstation import Diagnose, Workstation
from onvio_config.load import load
from onvio_config.paths import Paths, paths_from_env
from support.instants import HandClock

T = TypeVar("T")


class Here:
    """An `Aside` that does the work where it is asked for."""

    async def run(self, work: Callable[[], T]) -> T:
        await asyncio.sleep(0)
        return work()


class Checks:
    """The ladder itself over checks that all are well, but those in `broken` (rung: reason). It stops
    before the rung `held` until `go_on` is set."""

    def __init__(self) -> None:
        self.broken: dict[str, str] = {}
        self.held = ""
        self.go_on = asyncio.Event()

    async def diagnose(
        self, _snapshot: Snapshot, _key: VaultStatus | None, tell: Callable[[Rung], None]
    ) -> Diagnosis:
        """A `Diagnose`."""
        checks: dict[str, Check] = {name: self._check(name) for name in ORDER}
        return await climb(checks, Climb(HandClock(), 5.0, _nothing_behind, tell))

    def _check(self, name: str) -> Check:
        async def check() -> str:
            if self.held == name:
                await self.go_on.wait()
            if name in self.broken:
                raise Broken(self.broken[name], "seen by the test")
            return f"well: {name}"

        return check


def workstation_at(
    folder: Path, environ: Mapping[str, str] | None = None, diagnose: Diagnose | None = None
) -> Workstation:
    """`folder` holds config, data, logs and run; no other settings apply but `environ`'s."""
    paths = paths_of(folder)
    return Workstation(
        paths, lambda: load(paths, environ or {}), Here(), diagnose or Checks().diagnose
    )


def paths_of(folder: Path) -> Paths:
    """Its folders."""
    return paths_from_env({"ONVIO_AGENT_HOME": str(folder), "ONVIO_AGENT_MACHINE_SETTINGS": ""})


async def _nothing_behind(_reason: str) -> None:
    return None
