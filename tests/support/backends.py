"""A backend of the tray on a thread of its own, and all that it reports."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from onvio_agent.contract.status import IconState
from onvio_tray.backends.base import Backend, BackendGone, Callbacks, MenuItem, Shown
from support.buses import eventually

ICONS = (IconState.GREEN, IconState.PLAY, IconState.GREY)


def shown(icon: IconState, tooltip: str = "Conectado.", *menu: MenuItem, **more: bool) -> Shown:
    """What a test wants to see."""
    return Shown(icon=icon, tooltip=tooltip, menu=menu, **more)


@dataclass
class Reports:
    """What the backend called."""

    clicks: int = 0
    chosen: list[str] = field(default_factory=list)
    beats: int = 0
    gone: str = ""
    ended: bool = False

    def callbacks(self) -> Callbacks:
        """To build the backend with."""

        def click() -> None:
            self.clicks += 1

        def beat() -> None:
            self.beats += 1

        return Callbacks(on_click=click, on_menu=self.chosen.append, heartbeat=beat)


@contextlib.contextmanager
def running(build: Callable[[Callbacks], Backend]) -> Iterator[tuple[Backend, Reports]]:
    """The backend runs until the block ends; it must end then, with its thread."""
    reports = Reports()
    backend = build(reports.callbacks())

    def run() -> None:
        try:
            backend.run()
        except BackendGone as gone:
            reports.gone = gone.reason
        reports.ended = True

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield backend, reports
    finally:
        backend.stop()
        thread.join(10)
        assert not thread.is_alive(), "the backend does not end"


def wait_gone(reports: Reports, clause: str) -> None:
    """Until the backend has given up for this reason."""
    eventually(lambda: reports.ended, "the backend gives up")
    assert clause in reports.gone
