"""The agent of a session that began with the icon: started with it, ended with it.

Only the one that was started here: an agent that ran before, of a service or of a person, is left alone.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable

from onvio_tray.log import TrayLog
from onvio_tray.programs import CommandFailed, run_agent_command

_START_WAIT_S = 20.0
"""A session that ends while the agent is starting: `start` itself gives up after 10 s."""


class LoginAgent:
    """`in_use` says whether another session shows its icon; `started`: a tray before this one did."""

    def __init__(self, in_use: Callable[[], bool], log: TrayLog, *, started: bool) -> None:
        self._in_use = in_use
        self._log = log
        self._starting = threading.Lock()
        self.is_ours = started

    def start(self) -> None:
        """Start it where none runs; blocks for a second or so. What went wrong, the icon shows."""
        with self._starting:
            try:
                said = json.loads(run_agent_command("start", "--json"))
            except (CommandFailed, ValueError) as error:
                self._log.warning("action.failed", action="start", reason=str(error))
                return
            self.is_ours = self.is_ours or said["started"] is True

    def leave(self) -> None:
        """It outlives this tray."""
        self.is_ours = False

    def end_with_session(self) -> None:
        """End what was started here, unless another session uses it."""
        if not self._starting.acquire(timeout=_START_WAIT_S):
            return
        if self.is_ours and not self._in_use():
            try:
                run_agent_command("stop")
            except CommandFailed as error:  # somebody was quicker
                self._log.warning("action.failed", action="stop", reason=str(error))
