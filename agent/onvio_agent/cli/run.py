"""`onvio-agent run`: the agent itself, in the foreground.

It only hands over to the composition root; what the agent is made of stands in `app.py`.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading

import click

from onvio_agent.cli.frame import invocation
from onvio_agent.i18n import _

_BLOCK = 4096


@click.command(name="run", help=_("Run the agent in the foreground, until Ctrl-C or SIGTERM."))
@click.option("--end-with-stdin", is_flag=True, hidden=True)
def command(end_with_stdin: bool) -> int:
    """Exit codes: 0 ended as told, 5 already running or cannot start."""
    gc.disable()  # nothing that is loaded becomes garbage; the agent turns it on once it runs
    from onvio_agent.app import run_agent
    from onvio_agent.service import service_of

    calls = invocation()
    settings, paths = calls.settings, calls.paths
    if end_with_stdin:
        threading.Thread(target=_end_with_stdin, name="stdin", daemon=True).start()
    # On a terminal a person watches; elsewhere the log file is enough.
    service = service_of(calls.environ)
    return run_agent(settings, paths, calls.load, service, stderr=sys.stderr.isatty())


def _end_with_stdin() -> None:
    """End this process when whoever holds the other end of stdin is gone, however it went."""
    while os.read(0, _BLOCK):
        pass
    signal.raise_signal(signal.SIGTERM)
