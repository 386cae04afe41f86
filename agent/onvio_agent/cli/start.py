"""`onvio-agent start`: the agent in the background, and back when it answers.

It must not claim more than it has seen: "started" means that the agent's address answered.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

import click

from onvio_agent.cli.acting import connect
from onvio_agent.cli.frame import Invocation, invocation
from onvio_agent.cli.output import print_json
from onvio_agent.cli.process import end_child, pause_briefly, spawn_detached
from onvio_agent.errors import Failed, NotRunning, StoreFailed
from onvio_agent.i18n import _
from onvio_agent.plain_text import clean

WAIT_S = 10.0
"""Longest wait for the address to answer: a cold disk and a virus scanner take seconds."""

_SAID = "start.out"
_SAID_MAX = 2000
_NO_ROOM_BYTES = 1_000_000  # the process that ended may have given some back


@click.command(name="start", help=_("Start the agent in the background."))
@click.option("--json", "as_json", is_flag=True, help=_("As one JSON document."))
def command(as_json: bool) -> int:
    """Exit codes: 0 it runs, 5 it could not start; otherwise what the new process ended with."""
    calls = invocation()
    pid = _pid_of_running()
    if pid is not None:
        return _say(pid, started=False, as_json=as_json)
    calls.paths.ensure()
    return _start(calls, as_json=as_json)


def _start(calls: Invocation, *, as_json: bool) -> int:
    said_path = calls.paths.log_dir / _SAID
    settings = [part for key, value in calls.overrides for part in ("--set", f"{key}={value}")]
    child = spawn_detached([*settings, "run"], calls.environ, said_path)
    trouble = Failed("agent.not_answering", pid=child.pid)
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        ended = child.poll()
        try:
            pid = _pid_of_running()
        except Failed as error:  # what an agent that was killed left behind, until ours has written
            pid, trouble = None, error
        if pid == child.pid:
            child.returncode = 0  # it outlives us: nobody here waits for its end
            return _say(pid, started=True, as_json=as_json)
        if pid is not None:  # somebody else was quicker
            end_child(child)  # it waits for the lock, and would take it after a `stop`
            return _say(pid, started=False, as_json=as_json)
        if ended is not None:
            return _report(child, said_path)
        pause_briefly()
    raise trouble


def _pid_of_running() -> int | None:
    try:
        return connect().pid
    except NotRunning:
        return None


def _report(child: subprocess.Popen[bytes], said_path: Path) -> int:
    """Pass on what the process said before it ended, and its exit code."""
    said = said_path.read_bytes()[-_SAID_MAX:].decode("utf-8", "replace").strip()
    if not said and shutil.disk_usage(said_path.parent).free < _NO_ROOM_BYTES:
        raise StoreFailed("store.full", path=said_path.parent)  # it had no room to say so
    if not said or not child.returncode:
        raise Failed("agent.start_failed", detail=f"exit {child.returncode}")
    for line in said.splitlines():
        click.echo(clean(line), err=True)
    return child.returncode if child.returncode > 0 else Failed.exit_code


def _say(pid: int, *, started: bool, as_json: bool) -> int:
    """`started`: by this command, which tells whose it is to end."""
    if as_json:
        print_json({"pid": pid, "started": started})
        return 0
    new, old = (
        _("The agent has started (pid {pid})."),
        _("The agent was already running (pid {pid})."),
    )
    click.echo((new if started else old).replace("{pid}", str(pid)))
    return 0
