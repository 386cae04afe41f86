"""`onvio-agent doctor`: what is broken between this workstation and ONVIO, rung by rung.

Works without a running agent and changes nothing; with one, it also tells what that shows.
"""

from __future__ import annotations

import contextlib
import os
import sys

import click

from onvio_agent.cli.acting import connect
from onvio_agent.cli.frame import invocation
from onvio_agent.cli.output import paint, print_json
from onvio_agent.contract import reasons
from onvio_agent.contract.diagnosis import Diagnosis, Rung
from onvio_agent.contract.status import Snapshot
from onvio_agent.errors import AgentError, fill
from onvio_agent.i18n import N_, _
from onvio_agent.plain_text import clean

_NAMES = {
    "route": N_("Network"),
    "dns": N_("Name lookup (DNS)"),
    "proxy": N_("Proxy"),
    "tcp": N_("Connection"),
    "tls": N_("Certificate (TLS)"),
    "http": N_("ONVIO's interface"),
    "portal": N_("Sign-in page of the network"),
    "clock": N_("Date and time"),
    "token": N_("ONVIO's sign-in server"),
    "link": N_("Users' links"),
    "vault": N_("Key of the sessions"),
    "store": N_("Data file"),
    "disk": N_("Disk and log folder"),
}
_MARKS = {True: ("✓", "green"), False: ("✗", "red"), None: ("-", "white")}
_NAME_WIDTH, _TIME_WIDTH = 30, 9


@click.command(name="doctor", help=_("Find out what is broken on the way to ONVIO."))
@click.option("--json", "as_json", is_flag=True, help=_("As one JSON document."))
def command(as_json: bool) -> int:
    """Exit codes: 0 nothing is broken, 1 something is."""
    from onvio_agent.cli.doctor_checks import diagnose
    from onvio_agent.lookups import still_looking

    calls = invocation()
    diagnosis = diagnose(calls.settings, calls.paths, _snapshot())
    if as_json:
        print_json(diagnosis)
    else:
        _show(diagnosis)
    code = 0 if diagnosis.ok else 1
    if still_looking():  # a silent name server would hold up the end of the process
        sys.stdout.flush()
        os._exit(code)
    return code


def _snapshot() -> Snapshot | None:
    """What the running agent shows; one that does not answer is as good as none here."""
    with contextlib.suppress(AgentError):
        return connect().status()
    return None


def _show(diagnosis: Diagnosis) -> None:
    for rung in diagnosis.rungs:
        mark, colour = _MARKS[rung.ok]
        name = _(_NAMES[rung.name])
        took = "" if rung.took_ms is None else f"{rung.took_ms:.0f} ms"
        line = f"{name:<{_NAME_WIDTH}}{took:>{_TIME_WIDTH}}  {clean(rung.detail)}"
        click.echo(f"{paint(mark, colour)} {line}".rstrip())
    click.echo()
    first = next((rung for rung in diagnosis.rungs if rung.ok is False), None)
    if first is None:
        click.echo(_("Nothing is broken on the way to ONVIO."))
        return
    for text in _sentences(first):
        click.echo(text)


def _sentences(rung: Rung) -> list[str]:
    """The reason's sentence and its next step; where they name a place, it is the rung's detail."""
    reason = reasons.get(rung.reason or "internal.error")
    fields: dict[str, object] = {"path": clean(rung.detail), "detail": clean(rung.detail)}
    told = [f"{reason.code}: {fill(_(reason.title), fields)}"]
    return [*told, f"→ {fill(_(reason.next_step), fields)}"] if reason.next_step else told
