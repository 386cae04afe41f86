"""A tray in its own process whose desktop is a pair of pipes: what it shows comes out, clicks go in.

Why: everything but the drawing is tested with the real agent, the real client and real processes.
The desktops themselves are tested where there are desktops.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from onvio_config.paths import paths_from_env
from support import produced

PIPES_DIR = Path(__file__).parent / "pipe_desktop"
"""On the path of a Python, it gives that one the desktop of pipes."""

_LIMIT_S = 60.0

Said = dict[str, Any]


class Tray:
    """That process, in the profile of `environ`. `more`: further variables; `python`: who runs it."""

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        python: Sequence[str] = (sys.executable,),
        words: Sequence[str] = (),
        **more: str,
    ) -> None:
        path = os.pathsep.join(filter(None, (os.fspath(PIPES_DIR), environ.get("PYTHONPATH"))))
        self._environ = environ
        display = {"DISPLAY": ":0", "PYTHONPATH": path}
        self.process = subprocess.Popen(
            [*python, "-P", "-m", "onvio_tray", *words],
            env={**environ, **display, **more},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.said: list[Said] = []
        self._news: queue.SimpleQueue[Said] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def send(self, line: str) -> None:
        """A line as `pipe_choose.py` reads them."""
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def wait(self, holds: Callable[[Said], bool], what: str, timeout_s: float = _LIMIT_S) -> Said:
        """The next thing said for which `holds`; what was said before does not count."""
        deadline = time.monotonic() + timeout_s
        while True:
            left_s = deadline - time.monotonic()
            try:
                said = self._news.get(timeout=max(0.0, left_s))
            except queue.Empty:
                raise AssertionError(f"not {what} in time: {self.said[-3:]}") from None
            if holds(said):
                return said

    def wait_icon(self, icon: str, tooltip: str = "", timeout_s: float = _LIMIT_S) -> Said:
        """Wait until it shows this icon, with that text in the tooltip."""
        return self.wait(
            lambda said: (
                said["say"] == "show" and said["icon"] == icon and tooltip in said["tooltip"]
            ),
            f"{icon} {tooltip}",
            timeout_s,
        )

    def wait_notice(self, timeout_s: float = _LIMIT_S) -> Said:
        """The next notification."""
        return self.wait(lambda said: said["say"] == "notify", "a notification", timeout_s)

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """End it; its exit code and what it said on stderr."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(_LIMIT_S)
        self._reader.join(_LIMIT_S)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        said = self.process.stderr.read()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            pipe.close()
        log_path = paths_from_env(self._environ).log_dir / "tray.log"
        produced.hear(log_path.read_bytes() if log_path.exists() else b"")
        return code, said

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            said = json.loads(line)
            self.said.append(said)
            self._news.put(said)
