"""Every command line that a page, a sentence or a translation proposes exists, options included."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import click
import pytest

from onvio_agent.cli.main import COMMANDS, PROGRAM, build_group
from onvio_agent.contract.reasons import CATALOGUE
from onvio_agent.i18n import _, current_language, set_language
from support.pages import ROOT, name_of, pages, text_of

PROPOSED = re.compile(rf"(?<![\w/.-]){PROGRAM}((?:[ \t]+[^\s`|;&#)]+)+)")
WORD = re.compile(r"[a-z][a-z-]*")
OPTION = re.compile(r"--[a-z][a-z-]*|-[a-zA-Z]")
MAKE = re.compile(r"^make ([a-z-]+)", re.MULTILINE)
GLOBAL = ("--set", "--version", "--help", "-h")
PROSE = (".", ",", ":", ";")
LANGUAGES = ("en", "pt_BR")


@cache
def group() -> click.Group:
    return build_group({})


def proposals() -> Iterator[tuple[str, str]]:
    """Command lines without the program's name, and where they stand."""
    for page in pages():
        for line in PROPOSED.findall(text_of(page)):
            yield line.strip(), name_of(page)
    before = current_language()
    for language in LANGUAGES:
        set_language(language)
        for entry in CATALOGUE.values():
            for text in (_(entry.title), _(entry.next_step)):
                for line in PROPOSED.findall(text):
                    yield line.strip(), f"{entry.code} ({language})"
    set_language(before)


def words(line: str) -> list[str]:
    """The words of a command line, up to where the sentence goes on."""
    found = []
    for word in line.split():
        bare = word.strip('.,:;"')
        found.append(bare)
        if word.endswith(PROSE):
            break
    return found


def mistake(line: str) -> str | None:
    """What is wrong with it."""
    rest = words(line)
    while rest and rest[0] in GLOBAL:
        rest = rest[2:] if rest[0] == "--set" else rest[1:]
    command: click.Command = group()
    context = click.Context(command)
    while isinstance(command, click.Group) and rest and WORD.fullmatch(rest[0]):
        inner = command.get_command(context, rest[0])
        if inner is None:
            return f"no command {rest[0]}"
        command, rest = inner, rest[1:]
    options = [name for each in command.get_params(context) for name in each.opts]
    for word in rest:
        named = word.partition("=")[0].strip("[]")
        if OPTION.fullmatch(named) and named not in (*options, *GLOBAL):
            return f"{command.name} has no {named}"
    return None


def test_every_proposed_command_exists_with_its_options() -> None:
    found = list(proposals())
    assert len(found) > 30
    wrong = [f"{place}: {line}: {mistake(line)}" for line, place in found if mistake(line)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "line", ["diagnose", "link ANA --password SECRET", "users frobnicate", "status --jason"]
)
def test_a_command_that_does_not_exist_is_noticed(line: str) -> None:
    assert mistake(line)


def test_every_target_of_make_that_is_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z-]+):", makefile, re.MULTILINE)
    named = [name for page in pages() for name in MAKE.findall(text_of(page))]
    assert named
    assert [name for name in named if name not in targets] == []


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_can_be_loaded_and_explains_itself(name: str) -> None:
    command = group().get_command(click.Context(group()), name)
    assert command is not None
    assert command.help
    silent = [
        option.name
        for option in command.params
        if isinstance(option, click.Option) and not option.hidden and not option.help
    ]
    assert silent == []
