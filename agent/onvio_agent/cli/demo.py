"""`onvio-agent demo`: the whole product at work on one screen, against a simulated ONVIO.

It touches nothing of the user's: profile, simulator, agent and icon live in a temporary folder and end
with the command.
"""

from __future__ import annotations

import queue
import shlex
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from onvio_agent.cli.board import office_lines, show, summary
from onvio_agent.cli.frame import invocation
from onvio_agent.cli.output import display_width, print_json
from onvio_agent.cli.seconds import Seconds
from onvio_agent.contract.status import IconState, Role, Snapshot
from onvio_agent.errors import AgentError
from onvio_agent.i18n import _

if TYPE_CHECKING:
    from onvio_agent.cli.demo_stage import Stage
    from onvio_agent.client import Agent

_REDRAW_S = 1.0  # "3 s ago" should not stand still
_ENDED_BY_SIGNAL = 128


@click.command(name="demo", help=_("Show everything at work against a simulated ONVIO."))
@click.option(
    "--for",
    "for_s",
    type=Seconds(min=0, max=86_400),
    metavar="SECONDS",
    help=_("End by itself after so many seconds. Without it: at Ctrl-C."),
)
@click.option("--no-tray", is_flag=True, help=_("Show no icon in the tray."))
@click.option("--json", "as_json", is_flag=True, help=_("Only one status document, at the end."))
def command(for_s: float | None, no_tray: bool, as_json: bool) -> int:
    """Exit codes: 0 the Gerente was green at the end, 1 was not, 5 something did not start."""
    from onvio_agent.cli.demo_stage import Stage, open_stage

    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _leave)
    with tempfile.TemporaryDirectory(prefix="onvio-demo-", ignore_cleanup_errors=True) as folder:
        stage = Stage(Path(folder), invocation().environ)
        if not as_json:
            click.echo(_("Starting a simulated ONVIO and the agent…"), err=True)
        with open_stage(stage, tray=not no_tray) as agent:
            deadline = None if for_s is None else time.monotonic() + for_s
            try:
                _present(agent, stage, deadline, as_json)
            except KeyboardInterrupt:
                click.echo(err=True)
            last = agent.status()
    if as_json:
        print_json(last)
    return 0 if _manager_is_green(last) else 1


def _leave(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(_ENDED_BY_SIGNAL + number)


def _manager_is_green(snapshot: Snapshot) -> bool:
    managers = [user for user in snapshot.users if user.role is Role.MANAGER]
    return bool(managers) and managers[0].icon.state is IconState.GREEN


def _present(agent: Agent, stage: Stage, deadline: float | None, as_json: bool) -> None:
    """Show what changes until the deadline."""
    live = sys.stdout.isatty() and not as_json
    if live:
        show([*_hints(agent, stage), ""])
    elif not as_json:
        show([*office_lines(agent.status(), datetime.now(UTC)), "", *_hints(agent, stage), ""])
    shown, rows = "", 0
    for snapshot in _until(agent, deadline):
        line = summary(snapshot)
        if live:
            lines = office_lines(snapshot, datetime.now(UTC))
            click.echo(_over(rows), nl=False)
            show(lines)
            rows = sum(map(_rows, lines))
        elif line != shown and not as_json:
            click.echo(f"{datetime.now().astimezone():%H:%M:%S} {line}")
        shown = line


def _over(rows: int) -> str:
    """What moves the cursor to the first of the last `rows` rows, and clears from there."""
    return f"\x1b[{rows}F\x1b[J" if rows else ""


def _rows(line: str) -> int:
    """How many rows of the terminal a line takes."""
    columns = shutil.get_terminal_size().columns
    return max(1, -(-display_width(click.unstyle(line)) // columns))


def _until(agent: Agent, deadline: float | None) -> Iterator[Snapshot]:
    """The newest snapshot when there is one, and at least once a second."""
    news: queue.Queue[Snapshot | AgentError] = queue.Queue()
    threading.Thread(target=_listen, args=(agent, news), name="stream", daemon=True).start()
    latest: Snapshot | None = None
    while deadline is None or time.monotonic() < deadline:
        wait_s = _REDRAW_S if deadline is None else min(_REDRAW_S, deadline - time.monotonic())
        try:
            heard = news.get(timeout=max(0.0, wait_s))
        except queue.Empty:
            if latest is not None:
                yield latest
            continue
        if isinstance(heard, AgentError):
            raise heard
        latest = heard
        yield latest


def _listen(agent: Agent, news: queue.Queue[Snapshot | AgentError]) -> None:
    try:
        for snapshot in agent.stream():
            if snapshot is not None:
                news.put(snapshot)
    except AgentError as error:
        news.put(error)


def _hints(agent: Agent, stage: Stage) -> list[str]:
    """What to try from another terminal."""
    from onvio_agent.cli.demo_stage import GERENTE

    ana, carla = stage.account("ana"), stage.account("carla")
    folder = stage.password_path.parent
    acting = f"--as {GERENTE} --as-password-file {stage.password_path.name}"
    secret = stage.account_password_path("carla").name
    control = stage.ready["control_url"]
    return [
        _("Try it from another terminal:"),
        *_path_line(),
        f"  cd {shlex.quote(str(folder))}; export ONVIO_AGENT_HOME=$PWD/{stage.home_dir.name}",
        "  onvio-agent status",
        "  onvio-agent panel",
        "  onvio-tray",
        _("The panel, by a link that is good for half a minute:"),
        f"  {agent.panel_link()}",
        _("End Ana's session at ONVIO (her icon becomes ▶ within seconds):"),
        f"  curl -X POST {control}/_sim/accounts/{ana.email}/revoke",
        _("Link Carla, then confirm Utiliza Portal do Cliente:"),
        f"  onvio-agent link carla --email {carla.email} --password-stdin {acting} < {secret}",
        f"  onvio-agent portal carla --email {carla.email} --password-stdin {acting} < {secret}",
        _("Ctrl-C ends everything and removes it."),
    ]


def _path_line() -> list[str]:
    """How the other terminal finds this program, where it would not."""
    if shutil.which("onvio-agent") is not None:
        return []
    return [f"  export PATH={shlex.quote(str(Path(sys.executable).parent))}:$PATH"]
