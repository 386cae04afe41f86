"""Where an error that ends a command becomes a sentence, a next step and an exit code.

Imported only when something went wrong. A traceback goes to the log file, never to the screen.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping, Sequence

import click

from onvio_agent.cli.output import show_refusal
from onvio_agent.errors import AgentError, Failed, Refused, StoreFailed, WrongUsage
from onvio_agent.i18n import _
from onvio_config.text import FolderError, LockedError, SettingsError

_FAILED, _USAGE, _INTERRUPTED = 5, 2, 130


def explain(error: Exception, arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Say on stderr what went wrong; the exit code."""
    if isinstance(error, click.exceptions.Abort):
        return _INTERRUPTED
    if isinstance(error, click.ClickException):
        error.show()
        return _USAGE if isinstance(error, click.UsageError) else _FAILED
    if isinstance(error, SettingsError):
        error = from_settings(error)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        error = StoreFailed("store.full")
    if not isinstance(error, AgentError):
        _log_crash(error, arguments, environ)
        error = Failed("internal.error")
    show_refusal(error)
    return error.exit_code


def from_settings(error: SettingsError) -> AgentError:
    """The reason for a mistake in the settings, its sentence in the current language."""
    if isinstance(error, FolderError):
        return StoreFailed("store.unwritable", path=error.path)
    if isinstance(error, LockedError):
        return Refused("settings.locked", detail=error.text.render(_))
    kind = WrongUsage if error.by_command else Failed
    return kind("settings.invalid", detail=error.text.render(_))


def _log_crash(error: Exception, arguments: Sequence[str], environ: Mapping[str, str]) -> None:
    """The traceback as one entry of the profile's log, if that can be written."""
    from onvio_agent.cli.main import COMMANDS
    from onvio_agent.clock import SystemClock
    from onvio_agent.log import LogFile, wrap_log
    from onvio_config.paths import paths_from_env

    clock = SystemClock()
    # The agent may be writing the same file: this process appends, and rotation stays the agent's.
    file = LogFile(
        paths_from_env(environ).log_dir, max_bytes=0, files=1, days=1, clock=clock, rotate=False
    )
    log = wrap_log(file, clock=clock)
    command = next((word for word in arguments if word in COMMANDS), None)
    log.error("command.crashed", command=command, exc_info=error)
    file.close()
