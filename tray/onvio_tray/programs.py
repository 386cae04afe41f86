"""Other programs that the tray runs: the agent's commands, the file manager, and itself anew.

An adapter. Commands are run as a person would run them, so that whatever they take care of (locks,
pids, waiting until the agent answers) is taken care of once.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

COMMAND_LIMIT_S = 60.0
"""`start` waits 10 s for the agent, `stop --force` 15 s at most; a slow machine gets more."""

_SAID_MAX = 2000


class CommandFailed(Exception):
    """A command ended with another code than 0; `said`: its last words, as a person would read them."""

    def __init__(self, code: int, said: str) -> None:
        super().__init__(f"exit {code}")
        self.code = code
        self.said = said


def run_agent_command(*arguments: str) -> str:
    """`onvio-agent ARGUMENTS`, until it ends; what it printed. Raises CommandFailed; blocks for seconds."""
    import subprocess  # 1 MB, and most days nobody needs it

    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NO_WINDOW
    try:
        done = subprocess.run(  # noqa: S603 - our own program, no shell
            [*_program("onvio-agent", "onvio_agent"), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=COMMAND_LIMIT_S,
            creationflags=flags,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CommandFailed(-1, str(error)) from error
    if done.returncode != 0:
        said = done.stderr[-_SAID_MAX:].decode("utf-8", "replace").strip()
        raise CommandFailed(done.returncode, said)
    return done.stdout.decode("utf-8", "replace")


def open_folder(folder: Path) -> None:
    """Show `folder` in the file manager; returns at once. Raises CommandFailed."""
    import subprocess  # 1 MB, and most days nobody needs it

    try:
        if sys.platform == "win32":
            os.startfile(folder)  # noqa: S606 - a folder of ours
            return
        opener = "open" if sys.platform == "darwin" else "xdg-open"
        subprocess.Popen(  # noqa: S603 - a fixed program, and a folder of ours
            [opener, str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise CommandFailed(-1, str(folder)) from error


def start_anew(*arguments: str) -> NoReturn:
    """Replace this process by a fresh one of the same program; its locks and sockets are given back."""
    command = [*_program("onvio-tray", "onvio_tray"), *arguments]
    if sys.platform == "win32":  # its execv quotes no folder with a space, as `Program Files`
        import subprocess

        subprocess.Popen(command)  # noqa: S603 - our own program, no shell
        os._exit(0)
    os.execv(command[0], command)  # noqa: S606 - our own program, no shell


def _program(script: str, module: str) -> list[str]:
    """The command line of one of our programs; -P: nothing is imported from the current folder."""
    if getattr(sys, "frozen", False):
        here = Path(sys.executable)
        return [str(here.with_name(script + here.suffix))]
    return [sys.executable, "-P", "-m", module]
