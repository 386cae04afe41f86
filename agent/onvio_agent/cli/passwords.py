"""Where a command gets a password from: one line of stdin, a hidden prompt, or a file.

Never from an argument or the environment, which other programs can read; never echoed or kept.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from onvio_agent.i18n import _

_MAX_BYTES = 4096  # no password is longer; a file given by mistake may be
F = TypeVar("F", bound=Callable[..., Any])


def password_option(function: F) -> F:
    """`--password-stdin`, passed on as `from_stdin`."""
    option = click.option(
        "--password-stdin",
        "from_stdin",
        is_flag=True,
        help=_("Read the password from the first line of standard input."),
    )
    return option(function)


def otp_option(function: F) -> F:
    """`--otp-stdin`, passed on as `otp_from_stdin`."""
    option = click.option(
        "--otp-stdin",
        "otp_from_stdin",
        is_flag=True,
        help=_("Read the code of the second factor from the second line of standard input."),
    )
    return option(function)


def read_password(prompt: str, *, from_stdin: bool, twice: bool = False) -> str:
    """The password, without its line end; asked with `prompt` where a person sits.

    Raises click.UsageError where there is none, or nobody to ask.
    """
    return read_secret(prompt, from_stdin=from_stdin, twice=twice)


def read_secret(
    prompt: str, *, from_stdin: bool, twice: bool = False, option: str = "--password-stdin"
) -> str:
    """The same for any secret; `option` is the one that reads it from stdin."""
    if from_stdin:
        return _decode(sys.stdin.buffer.readline(_MAX_BYTES + 2))
    if not sys.stdin.isatty():
        text = _("Pass {option} and give the secret there.")
        raise click.UsageError(text.replace("{option}", option))
    password = click.prompt(prompt, hide_input=True, confirmation_prompt=twice, err=True)
    return str(password)


def password_in(path: Path) -> str:
    """The first line of that file. Raises click.UsageError."""
    try:
        with path.open("rb") as file:
            return _decode(file.readline(_MAX_BYTES + 2))
    except OSError as error:
        text = _("The password file {path} cannot be read: {detail}")
        raise click.UsageError(
            text.replace("{path}", str(path)).replace("{detail}", error.strerror or "")
        ) from error


def read_code(prompt: str, *, from_stdin: bool) -> str:
    """A second factor's code, in the same ways; shown while it is typed, since it is soon worthless."""
    if from_stdin:
        line = sys.stdin.buffer.readline(_MAX_BYTES + 2)
        if not line.strip():
            raise click.UsageError(_("The code is empty."))
        return _decode(line)
    return str(click.prompt(prompt, err=True))


def _decode(line: bytes) -> str:
    line = line.removesuffix(b"\n").removesuffix(b"\r")
    if not line:
        raise click.UsageError(_("The password is empty."))
    if len(line) > _MAX_BYTES:
        raise click.UsageError(_("The password is too long."))
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        raise click.UsageError(_("The password is not UTF-8 text.")) from None
