"""Manual pages and shell completions, made from the command line itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

from onvio_agent import __version__
from onvio_agent.cli.main import COMMANDS, COMPLETION_VARIABLE, PROGRAM, build_group
from onvio_agent.i18n import set_language

_SHELLS: dict[str, type[ShellComplete]] = {
    "usr/share/bash-completion/completions/onvio-agent": BashComplete,
    "usr/share/zsh/vendor-completions/_onvio-agent": ZshComplete,
    "usr/share/fish/vendor_completions.d/onvio-agent.fish": FishComplete,
}
_CODES = {
    "0": "done, or green",
    "1": "not connected",
    "2": "wrong usage",
    "3": "the agent is not running",
    "4": "refused by a rule; its code comes first on stderr",
    "5": "failed",
}


def completions() -> Iterator[tuple[str, bytes]]:
    """One file for each shell, by its place."""
    group = build_group({})
    for place, shell in _SHELLS.items():
        yield place, shell(group, {}, PROGRAM, COMPLETION_VARIABLE).source().encode()


def manual_pages() -> Iterator[tuple[str, str]]:
    """The pages of both programs, by name."""
    set_language("en")
    yield PROGRAM, _agent_page()
    yield "onvio-tray", _tray_page()


def _agent_page() -> str:
    group = build_group({})
    context = click.Context(group, info_name=PROGRAM)
    parts = [
        _head(PROGRAM, "keeps an office connected to ONVIO"),
        f".SH SYNOPSIS\n.B {PROGRAM}\n[\\fIOPTIONS\\fR] \\fICOMMAND\\fR [\\fIARGUMENTS\\fR]\n",
        f".SH DESCRIPTION\n{_plain(group.help or '')}\n",
        ".SH OPTIONS\n" + _options(group, context),
        ".SH COMMANDS\n",
    ]
    for name in COMMANDS:
        command = group.get_command(context, name)
        if command is not None:
            parts += _command(command, click.Context(command, info_name=name, parent=context))
    parts.append(".SH EXIT STATUS\n" + "".join(_item(code, _CODES[code]) for code in _CODES))
    parts.append(".SH SEE ALSO\n.BR onvio-tray (1)\n")
    return "".join(parts)


def _command(command: click.Command, context: click.Context) -> Iterator[str]:
    usage = context.command_path.removeprefix(f"{PROGRAM} ")
    pieces = " ".join(command.collect_usage_pieces(context))
    yield f".SS {_plain(usage)} {_plain(pieces)}\n{_plain(command.help or '')}\n"
    yield _options(command, context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None:
                yield from _command(inner, click.Context(inner, info_name=name, parent=context))


def _options(command: click.Command, context: click.Context) -> str:
    records = [each.get_help_record(context) for each in command.get_params(context)]
    return "".join(_item(*record) for record in records if record)


def _tray_page() -> str:
    return (
        _head("onvio-tray", "shows by an icon whether an office is connected to ONVIO")
        + ".SH SYNOPSIS\n.B onvio-tray\n[\\fB\\-\\-version\\fR] [\\fB\\-\\-with\\-agent\\fR]\n"
        + ".SH OPTIONS\n"
        + _item("--version", "Show the version and exit.")
        + _item("--with-agent", "Start the agent too, and end that one with the session.")
        + ".SH EXIT STATUS\n"
        + _item("0", "ended by a person or a signal")
        + _item("2", "wrong usage")
        + _item("5", "it cannot run here, or the icon is shown already")
        + f".SH SEE ALSO\n.BR {_plain(PROGRAM)} (1)\n"
    )


def _head(name: str, what: str) -> str:
    return f'.TH {name.upper()} 1 "" "{__version__}"\n.SH NAME\n{_plain(name)} \\- {_plain(what)}\n'


def _item(term: str, text: str) -> str:
    return f".TP\n.B {_plain(term)}\n{_plain(text)}\n"


def _plain(text: str) -> str:
    """Text that a formatter takes as it is."""
    text = " ".join(text.split()).replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"^([.'])", r"\\&\1", text)
