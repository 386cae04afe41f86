"""Who gives a command: the Gerente by name and password file, by a kept session, or nobody special.

A session opened for one command is closed after it. What the Gerente alone may do is decided by the
agent, not here.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from onvio_agent.cli import kept_session
from onvio_agent.cli.frame import invocation
from onvio_agent.cli.output import show_refusal
from onvio_agent.cli.passwords import password_in, read_password
from onvio_agent.errors import AgentError
from onvio_agent.i18n import _

if TYPE_CHECKING:
    from onvio_agent.client import Agent

F = TypeVar("F", bound=Callable[..., Any])


def acting_options(function: F) -> F:
    """`--as LOGIN --as-password-file FILE`, passed on as `as_login` and `as_password_path`."""
    login = click.option(
        "--as",
        "as_login",
        metavar="LOGIN",
        help=_("Act as the Gerente of this login, for this command only."),
    )
    password = click.option(
        "--as-password-file",
        "as_password_path",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help=_("File whose first line is the Gerente's password in this agent."),
    )
    return login(password(function))


def connect(timeout_s: float | None = None) -> Agent:
    """The running agent of this profile; raises NotRunning or Failed."""
    from onvio_agent.client import CONNECT_LIMIT_S, Agent  # http.client: not needed for help

    return Agent.connect(invocation().paths, timeout_s or CONNECT_LIMIT_S)


@contextlib.contextmanager
def acting(as_login: str | None, as_password_path: Path | None) -> Iterator[Agent]:
    """The running agent, asked in the name of whoever the options or the kept session name."""
    if as_password_path is not None and as_login is None:
        raise click.UsageError(_("--as-password-file needs --as LOGIN."))
    if as_login is None:
        with _as_kept() as agent:
            yield agent
        return
    password = (
        read_password(_("The Gerente's password in this agent"), from_stdin=False)
        if as_password_path is None
        else password_in(as_password_path)
    )
    agent = connect()
    agent.session = agent.sign_in(as_login, password)
    try:
        yield agent
    finally:  # a kindness: a session that is not closed ends by itself
        with contextlib.suppress(AgentError):
            agent.sign_out()


@contextlib.contextmanager
def _as_kept() -> Iterator[Agent]:
    agent = connect()
    path = invocation().paths.session_path
    kept = kept_session.read(path)
    if kept is not None and kept.boot_id == agent.boot_id:
        agent.session = kept.session
    try:
        yield agent
    except AgentError as error:
        if kept is None or error.code != "manager.required":
            raise
        kept_session.forget(path)
        show_refusal(error)
        click.echo(_("The Gerente's session kept by login has ended."), err=True)
        click.get_current_context().exit(error.exit_code)
