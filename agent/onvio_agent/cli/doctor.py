"""`onvio-agent doctor`: what is broken between this workstation and ONVIO, rung by rung.

Works without a running agent and changes nothing; with one, it also tells what that shows. A mistake
in the settings is told first; the rest is tried with what can be read of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys

import click
from msgspec.structs import replace

from onvio_agent.checks.words import ON_THE_WAY, conclusion, line
from onvio_agent.cli.acting import connect
from onvio_agent.cli.edge import from_settings
from onvio_agent.cli.frame import invocation
from onvio_agent.cli.output import paint, print_json
from onvio_agent.contract.diagnosis import Diagnosis, Rung
from onvio_agent.contract.status import IconState, Snapshot
from onvio_agent.contract.vault import VaultStatus
from onvio_agent.errors import AgentError
from onvio_agent.i18n import _

_COLOURS = {True: "green", False: "red", None: "white"}


@click.command(name="doctor", help=_("Find out what is broken on the way to ONVIO."))
@click.option("--json", "as_json", is_flag=True, help=_("As one JSON document."))
def command(as_json: bool) -> int:
    """Exit codes: 0 nothing is broken, 1 something is."""
    from onvio_agent.diagnose import diagnose
    from onvio_agent.lookups import Lookups, still_looking

    async def look() -> Diagnosis:
        asyncio.get_running_loop().set_default_executor(Lookups())
        agent = _agent()
        found = await diagnose(settings, calls.paths, agent, key=key_as_told())
        return held_against(agent, found)

    calls = invocation()
    settings, mistake = calls.what_can_be_read()
    diagnosis = asyncio.run(look())
    if mistake is not None:
        diagnosis = _after(from_settings(mistake), diagnosis)
    if as_json:
        print_json(diagnosis)
    else:
        _show(diagnosis)
    code = 0 if diagnosis.ok else 1
    if still_looking():  # a silent name server would hold up the end of the process
        sys.stdout.flush()
        os._exit(code)
    return code


def _agent() -> Snapshot | AgentError | None:
    """What the running agent shows, or that it is there and does not answer."""
    try:
        return connect().status()
    except AgentError as error:
        return error if error.code == "agent.not_answering" else None


def key_as_told() -> VaultStatus | None:
    """The running agent's word on its vault."""
    with contextlib.suppress(AgentError):
        return connect().vault()
    return None


def held_against(agent: Snapshot | AgentError | None, found: Diagnosis) -> Diagnosis:
    """The running agent does not get through where this process does: it has another way, by the proxy
    of its own environment."""
    if not found.ok or not isinstance(agent, Snapshot):
        return found
    reason = agent.icon.reason or ""
    if agent.icon.state is IconState.GREEN or not reason.startswith(ON_THE_WAY):
        return found
    detail = _("the running agent does not get through; this window does")
    rungs = [
        replace(rung, ok=False, reason=reason, detail=detail) if rung.name == "link" else rung
        for rung in found.rungs
    ]
    return Diagnosis(ok=False, broken=reason, rungs=tuple(rungs))


def _after(mistake: AgentError, diagnosis: Diagnosis) -> Diagnosis:
    """The mistake in the settings is the first rung."""
    detail = str(mistake.fields.get("detail", ""))
    rung = Rung(name="config", ok=False, reason=mistake.code, detail=detail)
    return Diagnosis(ok=False, broken=mistake.code, rungs=(rung, *diagnosis.rungs))


def _show(diagnosis: Diagnosis) -> None:
    for rung in diagnosis.rungs:
        mark, rest = line(rung)
        click.echo(f"{paint(mark, _COLOURS[rung.ok])} {rest}".rstrip())
    click.echo()
    for text in conclusion(diagnosis):
        click.echo(text)
