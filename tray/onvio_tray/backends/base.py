"""The seam between what is to be shown and the desktop that shows it.

A backend draws `Shown` and reports clicks; it knows nothing of agents, reasons or users.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import msgspec

from onvio_agent.contract.status import IconState


class MenuItem(msgspec.Struct, frozen=True):
    """One line of the menu, or a separator (then nothing else of it matters).

    `id` is what `on_menu` gets; empty: the line cannot be clicked. `icon` is drawn before the label.
    The label is plain text: a backend escapes what its desktop would interpret (`_`, `&`).
    """

    id: str
    label: str
    enabled: bool = True
    icon: IconState | None = None
    separator: bool = False


SEPARATOR = MenuItem(id="", label="", enabled=False, separator=True)
"""A line between groups of the menu."""


class Shown(msgspec.Struct, frozen=True):
    """All that a backend needs to draw. Equal values look equal: a backend redraws only on change.

    `attention`: a person can mend it now; desktops that know such a state point the icon out.
    """

    icon: IconState
    tooltip: str
    menu: tuple[MenuItem, ...]
    attention: bool = False


class BackendGone(Exception):
    """This backend cannot show anything, now or any more; `reason` is an English clause for the log.

    Say: no display, no bus, no host. Another backend, or the same one later, may succeed.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Callbacks(msgspec.Struct, frozen=True):
    """What a backend calls, from its own thread; none of them blocks or raises.

    `on_menu` gets the chosen `MenuItem.id`. `heartbeat` comes from the loop that draws, at least
    every `HEARTBEAT_S`, and only while that loop is alive: a watchdog counts on it.
    """

    on_click: Callable[[], None]
    on_menu: Callable[[str], None]
    heartbeat: Callable[[], None]


HEARTBEAT_S = 10.0
"""Seconds between two signs of life of a backend. 10: few wake-ups, and a hang shows within a minute."""


class Backend(Protocol):
    """One way to show an icon. Built with `Callbacks`; lives for one `run`."""

    name: str
    """As the setting `tray.backend` names it."""

    def run(self) -> None:
        """Show the icon and serve the desktop until `stop`, on the thread that calls (the main one).

        Raises `BackendGone` where it cannot begin, or when its display, bus or host has gone.
        """

    def show(self, shown: Shown) -> None:
        """Draw this from now on; the latest wins. Any thread, also before `run`. Never blocks."""

    def notify(self, title: str, body: str) -> bool:
        """Show a desktop notification in place of the previous one; False where this backend has none.
        Any thread."""

    def withdraw(self) -> None:
        """Take the notification back, if it is still there and this desktop can. Any thread."""

    def stop(self) -> None:
        """Have `run` return soon; nothing where it does not run. Any thread."""


Choose = Callable[[str, Callbacks], Backend]
"""`choose.choose`: the backend for a value of `tray.backend`; raises `BackendGone` where none fits yet."""
