"""`onvio-agent revoke --all`: every user's ONVIO session ends, here and at ONVIO, as before an uninstall."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from onvio_agent.cli.acting import acting, acting_options
from onvio_agent.cli.inactivate import YES
from onvio_agent.cli.process import pause_briefly
from onvio_agent.cli.seconds import Seconds
from onvio_agent.i18n import _

if TYPE_CHECKING:
    from onvio_agent.client import Agent
    from onvio_agent.contract.revocations import EndedSessions, Revocations

WAIT_S = 30.0
"""Dozens of tokens are revoked in that; a server that is down is not waited for any longer."""


@click.command(name="revoke", help=_("End every user's ONVIO session, as before an uninstall."))
@click.option("--all", "of_all", is_flag=True, help=_("Of all users; must be given."))
@click.option("--yes", "confirmed", is_flag=True, help=_("Do it without asking again."))
@click.option(
    "--wait",
    "wait_s",
    type=Seconds(0.0, 3600.0),
    default=WAIT_S,
    show_default=True,
    metavar="SECONDS",
    help=_("How long to wait for ONVIO."),
)
@acting_options
def command(
    of_all: bool,
    confirmed: bool,
    wait_s: float,
    as_login: str | None,
    as_password_path: Path | None,
) -> int:
    """Exit codes: 0 ONVIO has confirmed all, 1 some are left, 3 the agent is not running, 4 refused."""
    if not of_all:
        raise click.UsageError(_("revoke ends the sessions of all users: give --all."))
    with acting(as_login, as_password_path) as agent:
        if not confirmed and not (sys.stdin.isatty() and _confirm()):
            raise click.UsageError(_("Nothing was changed. Repeat with --yes."))
        ended = agent.data.end_sessions()
        now = _settled(agent, wait_s)
    confirmed_now = now.confirmed - ended.confirmed_before
    click.echo(
        _("{count} users are signed out of ONVIO here.").replace("{count}", str(ended.users))
    )
    return _tell(ended, now, confirmed_now)


def _tell(ended: EndedSessions, now: Revocations, confirmed: int) -> int:
    counts = {"{confirmed}": confirmed, "{left}": now.waiting}
    text = _("ONVIO has revoked {confirmed} sessions; {left} still wait.")
    for name, count in counts.items():
        text = text.replace(name, str(count))
    click.echo(text)
    if now.waiting:
        click.echo(
            _("They are revoked while the agent runs: remove it later, or change passwords.")
        )
    elif confirmed < ended.queued:
        click.echo(_("Some could not be read any more: change those users' ONVIO passwords."))
    return 0 if not now.waiting and confirmed >= ended.queued else 1


def _settled(agent: Agent, wait_s: float) -> Revocations:
    """Once nothing waits any more, or `wait_s` have passed."""
    deadline = time.monotonic() + wait_s
    while (found := agent.data.revocations()).waiting and time.monotonic() < deadline:
        pause_briefly()
    return found


def _confirm() -> bool:
    question = _("End every user's ONVIO session? Each has to sign in again. [y/N]")
    answer = click.prompt(question, default="", show_default=False, err=True)
    return str(answer).strip().casefold() in YES
