"""In place of `onvio_tray.backends.choose`: what is shown is written out, clicks are read.

Lines in: `click`, `menu ID`, `hang` (no sign of life any more), `gone` (the desktop has lost the icon),
`crash` (an error that nobody expects), `blind` (the next thing shown is such an error), `modules` (say
what is loaded).
Lines out: JSON objects with a `say`. `PIPE_MISSING=N`: so many looks find no desktop.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
from typing import Any

import msgspec

from onvio_tray.backends.base import Backend, BackendGone, Callbacks, Shown

_BEAT_S = 0.1


class _Pipes:
    """The one reader of stdin, and the looks that are to find nothing."""

    def __init__(self) -> None:
        self.events: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.missing = int(os.environ.get("PIPE_MISSING", "0"))
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in sys.stdin:
            self.events.put(line.rstrip("\n"))


_PIPES = _Pipes()


class PipeBackend:
    """See `onvio_tray.backends.base.Backend`."""

    name = "pipe"

    def __init__(self, callbacks: Callbacks) -> None:
        self._callbacks = callbacks
        self._hangs = self._is_blind = False

    def run(self) -> None:
        _say("run")
        while True:
            if not self._hangs:
                self._callbacks.heartbeat()
            try:
                word, _, rest = _PIPES.events.get(timeout=_BEAT_S).partition(" ")
            except queue.Empty:
                continue
            if word == "stop" and not self._hangs:
                return
            if word == "gone":
                raise BackendGone("the desktop was taken away")
            if word == "crash":
                raise ValueError("the backend has a bug")
            if word == "blind":
                self._is_blind = True
            if word == "hang":
                self._hangs = True
            if word == "modules":
                _say("modules", names=sorted(name for name, found in sys.modules.items() if found))
            if word == "click":
                self._callbacks.on_click()
            if word == "menu":
                self._callbacks.on_menu(rest)

    def show(self, shown: Shown) -> None:
        if self._is_blind:
            raise ValueError("the backend has a bug")
        _say("show", **msgspec.to_builtins(shown))

    def notify(self, title: str, body: str) -> bool:
        _say("notify", title=title, body=body)
        return True

    def withdraw(self) -> None:
        _say("withdraw")

    def stop(self) -> None:
        _PIPES.events.put("stop")


def choose(setting: str, callbacks: Callbacks) -> Backend:
    """The pipes, unless they are to be missing still."""
    if _PIPES.missing:
        _PIPES.missing -= 1
        raise BackendGone(f"no pipes for {setting}")
    return PipeBackend(callbacks)


def _say(what: str, **more: Any) -> None:
    sys.stdout.buffer.write(msgspec.json.encode({"say": what, "pid": os.getpid(), **more}) + b"\n")
    sys.stdout.buffer.flush()
