"""What commands print: JSON documents, tables, sentences of refusal.

Foreign texts (names, e-mails, ONVIO's messages) are cleaned on their way to a screen. Results go to
stdout, everything else to stderr; nothing here decides an exit code.
"""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Sequence

import click

from onvio_agent.errors import AgentError, fill
from onvio_agent.i18n import _
from onvio_agent.plain_text import clean


def print_json(document: object, *, lines: bool = False) -> None:
    """One JSON document on stdout, always UTF-8; `lines`: on one line, for streams."""
    import msgspec  # 20 ms that help and wrong usage do not need

    data = msgspec.json.encode(document)
    click.echo(data if lines else msgspec.json.format(data, indent=2))


def print_table(rows: Sequence[Sequence[object]], headers: Sequence[str]) -> None:
    """Columns aligned by what they take on the screen; `None` is shown as `-`."""
    table = [[clean(str(header)) for header in headers]]
    table += [["-" if cell is None else clean(str(cell)) for cell in row] for row in rows]
    widths = [max(display_width(row[at]) for row in table) for at in range(len(headers))]
    for row in table:
        cells = [cell + " " * (widths[at] - display_width(cell)) for at, cell in enumerate(row)]
        click.echo("  ".join(cells).rstrip())


def display_width(text: str) -> int:
    """The columns that `text` takes on a terminal."""
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    marks = sum(unicodedata.combining(char) != 0 for char in text)
    return len(text) + wide - marks


def paint(text: str, colour: str) -> str:
    """`text` in a colour of click's, on a terminal that may have colours."""
    plain = "NO_COLOR" in os.environ or not sys.stdout.isatty()
    return text if plain else click.style(text, fg=colour)


def stop_if_nobody_reads() -> None:
    """Raise BrokenPipeError where stdout's reader has gone: a stream without news never notices."""
    import select  # what only a followed stream needs

    if sys.platform == "win32":  # noticed at the next news
        return
    poll = select.poll()
    poll.register(sys.stdout.fileno(), 0)
    if any(mask & (select.POLLERR | select.POLLHUP) for _file, mask in poll.poll(0)):
        raise BrokenPipeError


def show_refusal(error: AgentError) -> None:
    """A refusal or failure on stderr: code and sentence, then the next step."""
    fields: dict[str, object] = {
        "login": "LOGIN"
    }  # of whoever it is about, where that is not known
    fields |= {name: clean(str(value)) for name, value in error.fields.items()}
    click.echo(f"{error.code}: {fill(_(error.reason.title), fields)}", err=True)
    if error.reason.next_step:
        click.echo(f"→ {fill(_(error.reason.next_step), fields)}", err=True)
