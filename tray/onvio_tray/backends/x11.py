"""The icon on a plain X11 panel (XEmbed): tint2, trayer, i3, older desktops.

Spoken with python-xlib alone: pystray's own X11 part receives no clicks, knows no menu, loads a
drawing library and can hang. One loop waits for the display and for `show`; nobody else touches it.
"""

from __future__ import annotations

import contextlib
import select
import socket
import threading
import time

from Xlib import error
from Xlib.display import Display

from onvio_agent.contract.status import IconState
from onvio_tray.backends.base import HEARTBEAT_S, BackendGone, Callbacks, Shown
from onvio_tray.backends.x11_panel import Panel, panel_of

PATIENCE_S = 15.0
"""Seconds in which a panel that went away may come back before another kind is looked for. 15: a
session starts a crashed panel again within a few seconds."""

_UNTIL_TOLD = Shown(icon=IconState.GREY, tooltip="", menu=())


def has_panel() -> bool:
    """Whether a panel takes icons in now; raises `BackendGone` where there is no display."""
    display = opened()
    try:
        return panel_of(display) is not None
    finally:
        display.close()


def opened() -> Display:
    """The display that the environment names; raises `BackendGone` where there is none."""
    try:
        return Display()
    except (error.DisplayError, error.XauthError, OSError) as problem:
        raise BackendGone(f"no display: {problem}") from problem


class X11Backend:
    """A window embedded by the panel; see `onvio_tray.backends.base.Backend`."""

    name = "x11"

    def __init__(self, callbacks: Callbacks, *, patience_s: float = PATIENCE_S) -> None:
        self._callbacks = callbacks
        self._patience_s = patience_s
        self._shown = _UNTIL_TOLD
        self._stopping = False
        self._bell = _Bell()

    def run(self) -> None:
        """See `Backend.run`."""
        display = opened()
        try:
            self._serve(Panel(display, self._callbacks, self._shown, time.monotonic()))
        except error.ConnectionClosedError as problem:
            raise BackendGone(f"the display has gone: {problem}") from problem
        finally:
            self._bell.close()
            with contextlib.suppress(error.ConnectionClosedError):
                display.close()

    def show(self, shown: Shown) -> None:
        """See `Backend.show`."""
        self._shown = shown
        self._bell.ring()

    def notify(self, title: str, body: str) -> bool:
        """Never: a plain panel shows no notifications."""
        return False

    def withdraw(self) -> None:
        """Nothing: see `notify`."""

    def stop(self) -> None:
        """See `Backend.stop`."""
        self._stopping = True
        self._bell.ring()

    def _serve(self, panel: Panel) -> None:
        seen_at = time.monotonic()
        bell = self._bell.open()
        while not self._stopping:
            _silence(bell)
            now = time.monotonic()
            panel.serve(self._shown, now)
            self._callbacks.heartbeat()
            if panel.has_taken_it:
                seen_at = now
            left_s = seen_at + self._patience_s - now
            if left_s <= 0:
                raise BackendGone("no panel takes icons in")
            wait_s = min(HEARTBEAT_S, left_s, panel.wait_s(now))
            select.select([panel.display, bell], [], [], wait_s)


class _Bell:
    """Wakes the loop from other threads; silent before `open` and after `close`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ends: tuple[socket.socket, socket.socket] | None = None

    def open(self) -> socket.socket:
        """What the loop waits for."""
        with self._lock:
            self._ends = socket.socketpair()
            for end in self._ends:
                end.setblocking(False)
            return self._ends[0]

    def ring(self) -> None:
        """Wake the loop up now."""
        with self._lock, contextlib.suppress(BlockingIOError):  # full of reasons to wake up
            if self._ends:
                self._ends[1].send(b".")

    def close(self) -> None:
        """No more."""
        with self._lock:
            for end in self._ends or ():
                end.close()
            self._ends = None


def _silence(bell: socket.socket) -> None:
    """It has been heard."""
    with contextlib.suppress(BlockingIOError):
        bell.recv(4096)
