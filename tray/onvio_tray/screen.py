"""The backend of now, or none: what is to be shown outlives each of them.

Desktops lose their panel, their bus or their display; the next backend begins with what the last one
showed. Its signs of life are counted here for the watchdog.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from onvio_tray.backends.base import Backend, Shown


class Screen:
    """All methods may be called from any thread. `awake`: seconds, standing still during sleep."""

    def __init__(self, awake: Callable[[], float]) -> None:
        self._awake = awake
        self._lock = threading.Lock()
        self._backend: Backend | None = None
        self._shown: Shown | None = None
        self._beat_s = 0.0
        self._is_stopping = False

    def attach(self, backend: Backend) -> bool:
        """Show everything on `backend` from now on; False where the tray is to end."""
        with self._lock:
            if self._is_stopping:
                return False
            self._backend = backend
            self._beat_s = self._awake()
            if self._shown is not None:
                backend.show(self._shown)
            return True

    def detach(self) -> None:
        """There is no backend any more."""
        with self._lock:
            self._backend = None

    def show(self, shown: Shown) -> None:
        """Show this from now on; nothing happens where it is shown already."""
        with self._lock:
            if shown == self._shown:
                return
            self._shown = shown
            if self._backend is not None:
                self._backend.show(shown)

    def notify(self, title: str, body: str) -> bool:
        """Pass a notice on; False where there is nobody to show it."""
        with self._lock:
            return self._backend is not None and self._backend.notify(title, body)

    def withdraw(self) -> None:
        """Take the last notice back."""
        with self._lock:
            if self._backend is not None:
                self._backend.withdraw()

    def beat(self) -> None:
        """The backend lives."""
        self._beat_s = self._awake()

    def silent_s(self) -> float | None:
        """For how long the backend has given no sign of life; None where there is none."""
        with self._lock:
            return None if self._backend is None else self._awake() - self._beat_s

    def stop(self) -> None:
        """End the backend, and let none begin any more."""
        with self._lock:
            self._is_stopping = True
            backend = self._backend
        if backend is not None:
            backend.stop()
