"""Writes docs/commands.md from the command line itself; with --check, only says whether it is old.

Run it after a change of a command; a test fails until it was run. What a command's exit codes mean
stands in its callback's docstring, and must.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from onvio_agent.cli.main import COMMANDS, PROGRAM, build_group
from onvio_agent.i18n import set_language

DOC_PATH = Path(__file__).parent.parent / "docs" / "commands.md"
CODES = {
    0: "done, or green",
    1: "not connected, or something is broken",
    2: "wrong usage",
    3: "the agent is not running; nothing is on stdout",
    4: "refused by a rule, nothing was changed; the reason's code comes first on stderr",
    5: "failed; the reason's code comes first on stderr",
    130: "interrupted by Ctrl-C",
    141: "the reader of the output went away",
}
HEAD = """\
# Commands

Every command of `onvio-agent` with its options and exit codes. Made by `packaging/commands.py` from the command line
itself: change it there. `onvio-agent COMMAND --help` says the same in the user's language.

Reading commands take `--json`: then stdout holds one document and nothing else (`logs --json`: one a line). Before the
command, `--set SECTION.KEY=VALUE` changes a setting for that call.

## Exit codes

Any command may end with 2, 130 or 141, and with 5 where something fails that it does not name. What else it ends with
stands with it.

| code | meaning |
|---|---|
"""
_SAID = re.compile(r"Exit codes: (.*?)\Z", re.DOTALL)


def render() -> str:
    """The whole page."""
    set_language("en")
    parts = [HEAD]
    parts += [f"| {code} | {meaning} |\n" for code, meaning in CODES.items()]
    group = build_group({})
    context = click.Context(group, info_name=PROGRAM)
    for name in COMMANDS:
        command = group.get_command(context, name)
        if command is None:
            raise ValueError(name)
        parts += _section(command, click.Context(command, info_name=name, parent=context))
    return "".join(parts)


def exit_codes(command: click.Command) -> str:
    """What its docstring says of them. `ValueError` where it says nothing."""
    found = _SAID.search(" ".join((command.callback.__doc__ or "").split()))
    if found is None:
        raise ValueError(f"{command.name}: its docstring says nothing of exit codes")
    return found[1].rstrip(".")


def _section(command: click.Command, context: click.Context) -> Iterator[str]:
    level = context.command_path.count(" ") + 1
    yield f"\n{'#' * level} {context.command_path.removeprefix(PROGRAM + ' ')}\n\n{command.help}\n"
    is_group = isinstance(command, click.Group)
    if not is_group or command.invoke_without_command:
        usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
        yield f"\n    {usage}\n"
        options = [each.get_help_record(context) for each in command.params]
        rows = [f"| `{name}` | {_cell(text)} |\n" for name, text in filter(None, options)]
        if rows:
            yield "\n| option | |\n|---|---|\n" + "".join(rows)
        yield f"\nExit codes: {exit_codes(command)}.\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None:
                yield from _section(inner, click.Context(inner, info_name=name, parent=context))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(DOC_PATH.read_text(encoding="utf-8") != render())
    DOC_PATH.write_text(render(), encoding="utf-8")
