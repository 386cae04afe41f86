"""The last look at the way to ONVIO, shared by all browsers: what was tried so far, and the outcome."""

from __future__ import annotations

import contextlib
from datetime import datetime

from onvio_agent.actions.desk import Desk
from onvio_agent.contract.diagnosis import Diagnosis, Rung
from onvio_agent.contract.vault import VaultStatus
from onvio_agent.errors import StoreFailed
from onvio_agent.panel.workstation import Workstation

_TASK = "diagnose"


class Ladder:
    """One climb at a time; whoever asks meanwhile sees the one that is under way."""

    def __init__(self, desk: Desk, workstation: Workstation) -> None:
        self._desk = desk
        self._workstation = workstation
        self.is_climbing = False
        self.rungs: tuple[Rung, ...] = ()
        self.outcome: Diagnosis | None = None
        self.ended_at: datetime | None = None

    def climb(self) -> None:
        """Begin, unless it is under way."""
        if not self.is_climbing:
            self.is_climbing = True
            self.rungs, self.outcome = (), None
            self._desk.tasks.spawn(_TASK, self._climb())

    async def _climb(self) -> None:
        try:
            key = await self._key()
            found = await self._workstation.diagnose(self._desk.hub.snapshot(), key, self._heard)
        except Exception as error:
            self._desk.crashed(_TASK, error)
        else:
            self._desk.mended(_TASK)
            self.rungs, self.outcome = found.rungs, found
        self.ended_at = self._desk.clock.wall()
        self.is_climbing = False

    async def _key(self) -> VaultStatus | None:
        """None where the vault cannot tell: the ladder then looks by itself."""
        with contextlib.suppress(StoreFailed):
            return await self._desk.vault.status()
        return None

    def _heard(self, rung: Rung) -> None:
        self.rungs = (*self.rungs, rung)
