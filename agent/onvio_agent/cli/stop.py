"""`onvio-agent stop`: end the agent of this profile, politely, or by force where it hangs.

Whoever holds the profile's lock is the agent; no other process is ever signalled.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import click

from onvio_agent.cli.acting import connect
from onvio_agent.cli.frame import invocation
from onvio_agent.cli.process import kill, pause_briefly, terminate
from onvio_agent.errors import AgentError, Failed, NotRunning
from onvio_agent.i18n import _

WAIT_S = 5.0
"""The agent ends within 3 s of being told; the rest is for a slow disk."""

FORCE_ASK_S = 1.0
"""Whoever says --force has mostly seen already that it does not answer."""


@click.command(name="stop", help=_("End the agent."))
@click.option("--force", is_flag=True, help=_("End it even if it does not answer."))
def command(force: bool) -> int:
    """Exit codes: 0 it has ended, 3 it was not running, 5 it does not end."""
    from onvio_agent.client import running_pid

    paths = invocation().paths
    pid = running_pid(paths)
    if pid is None:
        raise NotRunning("agent.not_running")
    if force:
        ended = _end_by_force(pid, lambda: running_pid(paths))
    else:
        connect().stop()
        ended = _ended_within(WAIT_S, pid, lambda: running_pid(paths))
    if not ended:
        raise Failed("agent.not_answering", pid=pid)
    click.echo(_("The agent has ended."))
    return 0


def _end_by_force(pid: int, holder: Callable[[], int | None]) -> bool:
    try:
        connect(FORCE_ASK_S).stop()
    except AgentError:  # it hangs, or a stranger sits at its address: the signal will do
        terminate(pid)
    if _ended_within(WAIT_S, pid, holder):
        return True
    if holder() == pid:
        kill(pid)
    return _ended_within(WAIT_S, pid, holder)


def _ended_within(seconds: float, pid: int, holder: Callable[[], int | None]) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holder() != pid:
            return True
        pause_briefly()
    return False
