"""What a page tells its readers to type, read as the programs themselves read it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache

import click

from onvio_agent.cli.main import PROGRAM, build_group
from onvio_tray.options import read_options

_BLOCK = re.compile(r"^ {0,3}```(\S*)\n(.*?)^ {0,3}```", re.DOTALL | re.MULTILINE)
_ENDS = ("|", "&", ";", "&&", "||", ">", "<")
_OPTIONAL = str.maketrans("", "", "[]…")


def blocks(text: str, language: str) -> Iterator[str]:
    """The blocks of code that are marked as being in that language."""
    return (body for found, body in _BLOCK.findall(text) if found == language)


def lines(block: str) -> Iterator[list[str]]:
    """The words of each simple command: comments, redirections and what follows them are left out."""
    for line in block.replace("\\\n", " ").splitlines():
        found = shlex.shlex(line, posix=True, punctuation_chars=True)
        found.whitespace_split = True
        words = list(found)
        ends = [at for at, word in enumerate(words) if word in _ENDS]
        if words := words[: min(ends, default=len(words))]:
            yield words


def mistake(words: list[str], *, whole: bool) -> str | None:
    """What `onvio-agent WORDS` would be refused for, before it does anything.

    `whole`: it is to be typed as it stands; else words may be missing, in CAPITALS or [optional].
    """
    command: click.Command = group()
    parent, name = None, PROGRAM
    left = words if whole else [word for each in words if (word := each.translate(_OPTIONAL))]
    try:
        while True:
            context = command.make_context(name, list(left), parent=parent)
            left = [*context._protected_args, *context.args]
            if not isinstance(command, click.Group) or not left:
                return None
            found, inner, left = command.resolve_command(context, left)
            assert inner is not None
            command, parent, name = inner, context, found or ""
    except click.exceptions.Exit:  # --help, --version
        return None
    except click.BadParameter as error:
        is_path = error.param is not None and isinstance(error.param.type, click.Path | click.File)
        return f"{name}: {error.format_message()}" if whole and not is_path else None
    except click.exceptions.NoArgsIsHelpError:
        return f"{name}: a command is missing" if whole else None
    except click.UsageError as error:
        return f"{name}: {error.format_message()}"


def tray_mistake(words: list[str]) -> str | None:
    """The same of `onvio-tray WORDS`."""
    return None if read_options(words) is not None or words == ["--version"] else "not its words"


@cache
def group() -> click.Group:
    """The whole command line."""
    return build_group({})
