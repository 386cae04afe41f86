"""`onvio-agent panel`: open the panel in a browser.

The link is good once and opens everything, and other people of the machine can see a program's
arguments: the browser is pointed at a file of this user alone, which leads on.
"""

from __future__ import annotations

import html
import subprocess
import sys
from pathlib import Path

import click

from onvio_agent.cli.acting import connect
from onvio_agent.cli.frame import invocation
from onvio_agent.cli.process import private_file
from onvio_agent.errors import Failed, StoreFailed
from onvio_agent.i18n import _

_LEADS_ON = (
    '<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer">'
    '<meta http-equiv="refresh" content="0;url={url}"><title>ONVIO</title><a href="{url}">ONVIO</a>'
)

_OPENER_S = 3.0  # one that finds no browser says so in less


@click.command(name="panel", help=_("Open the panel in a browser."))
@click.option("--print-url", is_flag=True, help=_("Only print a link that opens it once."))
def command(print_url: bool) -> int:
    """Exit codes: 0 opened or printed, 3 the agent is not running, 5 no browser."""
    url = connect().panel_link()
    if print_url:
        click.echo(url)
        return 0
    path = invocation().paths.panel_path
    try:
        path.unlink(missing_ok=True)
        with private_file(path) as file:
            file.write(_LEADS_ON.format(url=html.escape(url)).encode())
    except OSError as error:
        raise StoreFailed("store.unwritable", path=path) from error
    _open(path)
    return 0


def _open(path: Path) -> None:
    """In the browser that the desktop has chosen; does not wait for it."""
    if sys.platform == "win32":
        import os

        try:
            os.startfile(path)  # noqa: S606 - a file of ours
        except OSError as error:
            raise Failed("panel.no_browser") from error
        return
    opener = "open" if sys.platform == "darwin" else "xdg-open"
    try:
        opening = subprocess.Popen(  # noqa: S603 - a fixed program, and a file of ours
            [opener, path.as_uri()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        failed = opening.wait(_OPENER_S) != 0
    except subprocess.TimeoutExpired:  # an opener that stays is the browser itself
        return
    except OSError as error:
        raise Failed("panel.no_browser") from error
    if failed:
        raise Failed("panel.no_browser")
