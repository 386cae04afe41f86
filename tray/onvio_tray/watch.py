"""Follows the agent: what it publishes, or why nothing is heard of it.

One thread that mostly waits for the stream. Whatever goes wrong is heard as a reason of the catalogue
and tried again; it decides no state.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import msgspec

import onvio_agent
from onvio_agent.client import Agent, StreamEnded, running_pid
from onvio_agent.clock import Clock
from onvio_agent.errors import AgentError, NotRunning
from onvio_config.paths import Paths
from onvio_tray.log import TrayLog
from onvio_tray.sight import Heard, Sight, Unheard

SILENCE_S = 38.0
"""The agent is heard every 15 s; within 40 s of its last word the icon is grey."""

LOOK_S = 1.0
"""Between two looks for an agent that is not there: a lock file, nothing else."""

_OTHER_VERSION = "agent.version_mismatch"
_STOPPED = "agent.stopped"
_NOT_ANSWERING = "agent.not_answering"


class Watcher:
    """`hear` gets every sight, `other_version` the pid of an agent of another version, once each.

    Both are called in the thread that runs `run`.
    """

    def __init__(
        self,
        paths: Paths,
        clock: Clock,
        hear: Callable[[Sight], None],
        other_version: Callable[[int], None],
        log: TrayLog,
        silence_s: float = SILENCE_S,
    ) -> None:
        self._paths = paths
        self._clock = clock
        self._hear = hear
        self._other_version = other_version
        self._log = log
        self._silence_s = silence_s
        self._nudge = threading.Event()
        self._last: Unheard | None = None

    def run(self) -> None:
        """For ever."""
        while True:
            self._nudge.clear()
            self.follow()
            self._nudge.wait(LOOK_S)

    def look(self) -> None:
        """Look for the agent at once. Any thread."""
        self._nudge.set()

    def follow(self) -> None:
        """Hear the agent until it ends or falls silent, or hear why it is not heard."""
        try:
            self._listen(Agent.connect(self._paths))
            self._miss(Unheard(_STOPPED))
        except StreamEnded:
            self._miss(self._absence())
        except NotRunning:
            self._miss(Unheard(_STOPPED))
        except AgentError as error:
            if error.code == _OTHER_VERSION:
                pid = running_pid(self._paths)
                self._other_version(pid or 0)
            self._miss(Unheard(error.code, error.fields))
        except msgspec.MsgspecError:  # a snapshot of another shape
            self._miss(Unheard(_OTHER_VERSION))

    def _listen(self, agent: Agent) -> None:
        if agent.version != onvio_agent.__version__:
            self._other_version(agent.pid)
        self._last = None
        self._log.info("agent.heard", pid=agent.pid, version=agent.version)
        for snapshot in agent.stream(self._silence_s):
            if snapshot is not None:
                self._hear(Heard(snapshot, self._clock.mono()))

    def _absence(self) -> Unheard:
        """Why the stream broke off: the agent is gone, or it is there and silent."""
        try:
            pid = running_pid(self._paths)
        except AgentError as error:
            return Unheard(error.code, error.fields)
        return Unheard(_STOPPED) if pid is None else Unheard(_NOT_ANSWERING, {"pid": pid})

    def _miss(self, unheard: Unheard) -> None:
        if unheard != self._last:
            self._log.info("agent.missed", reason=unheard.code)
        self._last = unheard
        self._hear(unheard)
