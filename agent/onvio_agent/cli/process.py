"""Starting our own program again as another process, and ending processes.

The one place of the command line that knows about sessions, process groups and frozen programs.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

_POLL_S = 0.02


def own_program() -> list[str]:
    """The command line that runs this very program; -P: nothing is imported from the current folder."""
    if getattr(sys, "frozen", False):
        return [sys.executable]
    return [sys.executable, "-P", "-m", "onvio_agent"]


def tray_program() -> list[str]:
    """The command line that runs the icon, which lies beside this program."""
    if getattr(sys, "frozen", False):
        here = Path(sys.executable)
        return [str(here.with_name("onvio-tray" + here.suffix))]
    return [sys.executable, "-P", "-m", "onvio_tray"]


def private_file(path: Path) -> IO[bytes]:
    """`path` emptied and open for writing, readable by this user alone."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
    return open(descriptor, "wb")


def spawn_detached(
    arguments: Sequence[str], environ: Mapping[str, str], said_path: Path
) -> subprocess.Popen[bytes]:
    """Our program as a process that outlives this one and its terminal; it speaks into `said_path`."""
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
    with private_file(said_path) as said:
        return subprocess.Popen(  # noqa: S603 - our own program, no shell
            [*own_program(), *arguments],
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
            creationflags=flags,
        )


def spawn_child(
    command: Sequence[str], environ: Mapping[str, str], said_path: Path, *, piped: bool
) -> subprocess.Popen[bytes]:
    """One of our programs as a child; `piped`: it reads a pipe of ours and ends when that is closed.

    It has a session of its own, so that Ctrl-C reaches this process alone.
    """
    with private_file(said_path) as said:
        return subprocess.Popen(  # noqa: S603 - our own program, no shell
            list(command),
            env=dict(environ),
            stdin=subprocess.PIPE if piped else subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )


def end_child(child: subprocess.Popen[bytes], patience_s: float = 4.0) -> None:
    """Have a child end, wait, and end it by force where it does not."""
    if child.stdin is not None:
        child.stdin.close()  # a signal besides would be its second: "at once"
    else:
        child.terminate()
    try:
        child.wait(patience_s)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def terminate(pid: int) -> None:
    """Ask that process to end; nothing where it is gone."""
    _signal(pid, signal.SIGTERM)


def kill(pid: int) -> None:
    """End that process whatever it does; nothing where it is gone."""
    _signal(pid, getattr(signal, "SIGKILL", signal.SIGTERM))


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(
        ProcessLookupError, PermissionError
    ):  # seen by who still holds the lock
        os.kill(pid, number)


def pause_briefly() -> None:
    """The wait between two looks at another process."""
    time.sleep(_POLL_S)
