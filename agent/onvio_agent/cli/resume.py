"""`onvio-agent resume`: end the pause. It does not wait for the checks that follow."""

from __future__ import annotations

import click

from onvio_agent.cli.acting import connect
from onvio_agent.contract.status import IntentState
from onvio_agent.i18n import _


@click.command(name="resume", help=_("End the pause and connect again."))
def command() -> int:
    """Exit codes: 0 no longer paused, 3 the agent is not running."""
    connect().set_intent(IntentState.RUN)
    click.echo(_("The agent connects again. See how it goes with: onvio-agent status"))
    return 0
