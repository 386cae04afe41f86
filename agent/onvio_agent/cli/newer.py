"""What `--version` adds on stderr: a newer version that the running agent knows of.

Nobody else is asked, and whatever is in the way is no concern of `--version`.
"""

from __future__ import annotations

from collections.abc import Mapping

import click
import msgspec

from onvio_agent.errors import AgentError
from onvio_agent.lock import is_held
from onvio_config.paths import paths_from_env
from onvio_config.text import FolderError

_LIMIT_S = 1.0  # a running agent answers in milliseconds


def tell_newer(environ: Mapping[str, str]) -> None:
    """One line, where an agent runs on this profile and knows of a newer version."""
    try:
        paths = paths_from_env(environ)
        if not is_held(paths.lock_path):
            return
        from onvio_agent.cli.board import newer_line
        from onvio_agent.client import Agent

        newer = Agent.connect(paths, _LIMIT_S).status().agent.newer
    except (AgentError, FolderError, OSError, msgspec.MsgspecError):
        return
    if newer is not None:
        click.echo(newer_line(newer), err=True)
