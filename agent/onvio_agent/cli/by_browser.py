"""A sign-in in the system's browser, seen from a terminal: open the page, wait, give up with Ctrl-C.

The address holds secrets of this one sign-in. Arguments of processes can be read by everybody on a
machine, so the browser is given a file that only this user can read, and that leads on to the address.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from onvio_agent.cli.dialogue import complete, given_up_unless_done
from onvio_agent.cli.frame import invocation
from onvio_agent.i18n import _

if TYPE_CHECKING:
    from onvio_agent.client import Agent
    from onvio_agent.contract.status import UserStatus

F = TypeVar("F", bound=Callable[..., Any])

_PAGE = """<!DOCTYPE html>
<html><head><meta charset="utf-8"><meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url={url}"><title>ONVIO</title></head>
<body><a href="{url}">ONVIO</a></body></html>
"""


def browser_option(function: F) -> F:
    """`--browser`, passed on as `by_browser`."""
    option = click.option(
        "--browser",
        "by_browser",
        is_flag=True,
        help=_("Entrar pelo navegador: sign in at ONVIO's own page in the system's browser."),
    )
    return option(function)


def sign_in_by_browser(agent: Agent, login: str, what: str, **body: object) -> UserStatus:
    """The user, once somebody has signed in at the page. Raises what it was refused for."""
    opened = agent.sign_in_by_browser(login, what, **body)
    url = opened.browser_url or ""
    folder = invocation().paths.runtime_dir
    with _leading_to(url, folder) as page_path:
        with given_up_unless_done(agent, opened.id):  # a browser may keep us while it opens
            click.echo(_("Sign in to ONVIO in the browser. Ctrl-C gives up."), err=True)
            if not _open(page_path):
                click.echo(_("No browser could be opened. Open this address in one:"), err=True)
                click.echo(url, err=True)
        return complete(agent, login, opened, from_stdin=False)


@contextlib.contextmanager
def _leading_to(url: str, folder: Path) -> Iterator[Path]:
    """A page of this user alone that leads to `url`, for as long as the sign-in lasts."""
    path = folder / f"signin-{os.getpid()}.html"
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(handle, "w", encoding="utf-8") as file:
            file.write(_PAGE.format(url=escape(url, quote=True)))
        yield path
    finally:
        path.unlink(missing_ok=True)


def _open(page_path: Path) -> bool:
    import webbrowser  # looks for browsers when it is loaded

    try:
        return webbrowser.open(page_path.as_uri())
    except (webbrowser.Error, OSError):
        return False
