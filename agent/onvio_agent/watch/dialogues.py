"""Has passwords that were just reset tried again when they are due; ends dialogues whose time is up."""

from __future__ import annotations

from onvio_agent.actions.desk import Desk
from onvio_agent.actions.dialogue import open_dialogues, try_again
from onvio_agent.timer import Timer
from onvio_agent.watch.again import surviving

_NAME = "dialogues"


class DialoguesWatch:
    """Start it once the desk is complete."""

    def __init__(self, desk: Desk, timer: Timer) -> None:
        self._desk = desk
        self._timer = timer
        self._on_due = surviving(desk, timer, _NAME, self._tick)

    def start(self) -> None:
        """Begin to follow the desk's dialogues."""
        self._desk.kick_dialogues = self._arm

    def _arm(self) -> None:
        """For the next instant at which anything is due; none of them is ever far away."""
        dues = [
            min((each.ends_at, *each.tries))
            for each in open_dialogues(self._desk)
            if each.held is not None or each.browser is not None
        ]
        if dues:
            self._timer.at(_NAME, min(dues), self._on_due)
        else:
            self._timer.cancel(_NAME)

    async def _tick(self) -> None:
        now = self._desk.clock.mono()
        for each in open_dialogues(self._desk):
            if each.tries and each.tries[0] <= now:
                self._desk.tasks.spawn("dialogues.try", self._try(each.id))
        self._arm()

    async def _try(self, dialogue_id: str) -> None:
        dialogue = self._desk.dialogues.get(dialogue_id)
        if dialogue is not None:
            await try_again(self._desk, dialogue)
        self._arm()
