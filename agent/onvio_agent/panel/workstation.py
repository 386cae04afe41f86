"""This machine as pages look at it: its folders, its settings, its log, its way to ONVIO.

What can take long is done aside of the loop and of the store's thread.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

import msgspec

from onvio_agent.contract.diagnosis import Diagnosis, Rung
from onvio_agent.contract.status import Snapshot
from onvio_agent.contract.vault import VaultStatus
from onvio_config.load import Loaded
from onvio_config.model import Settings
from onvio_config.paths import Paths

T = TypeVar("T")


class Aside(Protocol):
    """Runs work that reads files, one at a time."""

    async def run(self, work: Callable[[], T]) -> T: ...


Diagnose = Callable[[Snapshot, VaultStatus | None, Callable[[Rung], None]], Awaitable[Diagnosis]]
"""Climbs the ladder, with this agent's own word on state and key; tells of each rung as soon as it was
tried."""


class Workstation(msgspec.Struct, frozen=True):
    """`load`: the settings as they would apply to an agent that starts now; raises SettingsError."""

    paths: Paths
    load: Callable[[], Loaded]
    aside: Aside
    diagnose: Diagnose


def workstation_of(
    settings: Settings, paths: Paths, load: Callable[[], Loaded], aside: Aside
) -> Workstation:
    """The real one, of an agent that runs with `settings`."""

    async def diagnose(
        snapshot: Snapshot, key: VaultStatus | None, tell: Callable[[Rung], None]
    ) -> Diagnosis:
        from onvio_agent.diagnose import diagnose  # an agent without trouble carries no checks

        return await diagnose(settings, paths, snapshot, tell, key=key)

    return Workstation(paths, load, aside, diagnose)
