"""Watches a life for what would make it unrepeatable, or would leave this process.

Sockets and other programs are heard through the interpreter's audit events; threads and real sleep are
watched where they begin. Real time and the system's randomness are forbidden to the production code
alone, since the harness and the test runner may look at the clock. Global chance must be as it was.
"""

from __future__ import annotations

import os
import random
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

HEARD = (
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "socket.__new__",
    "socket.connect",
    "socket.getaddrinfo",
    "subprocess.Popen",
)
BEGUN = ((threading.Thread, "start"), (time, "sleep"))
ASKED = (
    (time, "time"),
    (time, "time_ns"),
    (time, "monotonic"),
    (time, "monotonic_ns"),
    (time, "perf_counter"),
    (time, "clock_gettime"),
    (os, "urandom"),
    (uuid, "uuid1"),
    (uuid, "uuid4"),
)
OURS = ("onvio_agent.", "onvio_config.")

_listeners: list[Callable[[str], None]] = []


class Leak(AssertionError):
    """A life has touched the world outside."""


@contextmanager
def nothing_leaks() -> Iterator[list[str]]:
    """Raises `Leak` at the end, where there was one; gives the list that fills meanwhile."""
    leaks: list[str] = []
    chance, threads = random.getstate(), threading.active_count()
    _listen()
    with ExitStack() as stack:
        for owner, name in (*BEGUN, *ASKED):
            anybody = (owner, name) in BEGUN
            watched = _watched(owner, name, "" if anybody else OURS, leaks)
            stack.enter_context(patch.object(owner, name, watched))
        _listeners.append(leaks.append)
        try:
            yield leaks
        finally:
            _listeners.remove(leaks.append)
    if random.getstate() != chance:
        leaks.append("global chance was used")
    if threading.active_count() != threads:
        leaks.append("a thread was left")
    if leaks:
        raise Leak(", ".join(dict.fromkeys(leaks)))


def _watched(
    owner: Any, name: str, callers: str | tuple[str, ...], leaks: list[str]
) -> Callable[..., Any]:
    real = getattr(owner, name)

    def asked(*args: Any, **keys: Any) -> Any:
        caller = sys._getframe(1).f_globals.get("__name__", "")
        if caller.startswith(callers):
            leaks.append(f"{owner.__name__}.{name} by {caller}")
        return real(*args, **keys)

    return asked


def _hear(event: str, _args: tuple[Any, ...]) -> None:
    if _listeners and event in HEARD:
        for listener in _listeners:
            listener(event)


def _listen() -> None:
    """An audit hook cannot be taken back: there is one for each process."""
    if not getattr(sys, "_onvio_simulation_listens", False):
        sys._onvio_simulation_listens = True  # type: ignore[attr-defined]
        sys.addaudithook(_hear)
