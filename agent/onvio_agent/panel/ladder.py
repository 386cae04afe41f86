"""The last look at the way to ONVIO, shared by all browsers: what was tried so far, and the outcome."""

from __future__ import annotations

from datetime import datetime

from onvio_agent.actions.desk import Desk
from onvio_agent.contract.diagnosis import Diagnosis, Rung
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
            found = await self._workstation.diagnose(self._desk.hub.snapshot(), self._heard)
        except Exception as error:
            self._desk.crashed(_TASK, error)
        else:
            self._desk.mended(_TASK)
            self.rungs, self.outcome = found.rungs, found
        self.ended_at = self._desk.clock.wall()
        self.is_climbing = False

    def _heard(self, rung: Rung) -> None:
        self.rungs = (*self.rungs, rung)
