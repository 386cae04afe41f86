"""What systemd is told where it runs the agent: it is ready, it lives, it ends (sd_notify(3)).

An adapter of a few lines: one datagram a message. Whoever does not run under systemd tells nobody.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from collections.abc import Callable, Mapping

_CallLater = Callable[[float, Callable[[], None]], object]

_BEATS = 3
"""Signs of life within the time that systemd waits for one: two may be late."""


class Service:
    """`address`: where messages go, "" for nowhere; `watchdog_s`: within which it wants to hear."""

    def __init__(self, address: str = "", watchdog_s: float | None = None) -> None:
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._watchdog_s = watchdog_s

    def ready(self, call_later: _CallLater) -> None:
        """It answers from now on; and it lives for as long as the loop of `call_later` goes round."""
        self._tell("READY=1")
        if self._address and self._watchdog_s:
            self._beat(self._watchdog_s / _BEATS, call_later)

    def stopping(self) -> None:
        """It ends, as told."""
        self._tell("STOPPING=1")

    def _beat(self, every_s: float, call_later: _CallLater) -> None:
        self._tell("WATCHDOG=1")
        call_later(every_s, lambda: self._beat(every_s, call_later))

    def _tell(self, message: str) -> None:
        if sys.platform == "win32" or not self._address:
            return
        # Nobody listens: then nobody waits for it either.
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as way:
            way.setblocking(False)
            way.sendto(message.encode(), self._address)


def service_of(environ: Mapping[str, str]) -> Service:
    """The one that the environment names; meant for another process, its watchdog is not ours."""
    address = environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")) or not hasattr(socket, "AF_UNIX"):
        return Service()
    wait_us = environ.get("WATCHDOG_USEC", "")
    is_ours = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    watched = is_ours and wait_us.isdecimal() and int(wait_us) > 0
    return Service(address, int(wait_us) / 1_000_000 if watched else None)
