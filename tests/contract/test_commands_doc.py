"""Every command line that a page, a sentence or a translation proposes would be taken by its program."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

import click
import pytest
from babel.messages.pofile import read_po

from onvio_agent import __version__
from onvio_agent.cli.main import COMMANDS, PROGRAM
from onvio_agent.i18n import LOCALE_DIR
from support.commands import blocks, group, lines, mistake, tray_mistake
from support.pages import ROOT, name_of, pages, spans, text_of

PROPOSED = re.compile(rf"(?<![\w/.-]){PROGRAM}((?:[ \t]+[^\s`|;&#()]+)+)")
MARKED = re.compile(rf"<code>({PROGRAM}[^<]*)</code>")
INSTALLED = re.compile(rf"{PROGRAM}\.exe(?:\"; Parameters: \"|'\), ')([a-z][^\"']*)")
FILLED = re.compile(r"\{\{.*?\}\}")
PROSE = (".", ",", ":", ";")
AND = ("and", "e", "then")
RUN = {"control-api.md", "experimentar.md", "simulator.md"}
"""Pages whose blocks are typed into a shell by tests/integration/test_page_scripts.py."""


def typed() -> Iterator[tuple[str, list[str]]]:
    """Each command of each block of shell, and where it stands."""
    for page in pages():
        for block in blocks(text_of(page), "sh"):
            if page.name not in RUN:
                yield from ((name_of(page), words) for words in lines(block))


def named() -> Iterator[tuple[str, list[str]]]:
    """Each command of ours that prose names, with or without the program's name before it."""
    for page in pages():
        for span in spans(text_of(page)):
            first, *rest = span.split()
            if first == PROGRAM or first in COMMANDS:
                yield (
                    name_of(page),
                    shlex.split(" ".join(rest if first == PROGRAM else span.split())),
                )
    for page in sorted((ROOT / "agent").rglob("*.html")):
        for line in MARKED.findall(page.read_text(encoding="utf-8")):
            yield name_of(page), FILLED.sub("X", line).split()[1:]
    installer = ROOT / "packaging" / "windows" / "onvio-agent.iss"
    for line in INSTALLED.findall(installer.read_text(encoding="utf-8")):
        yield name_of(installer), line.split()


def sentences() -> Iterator[tuple[str, list[str]]]:
    """Each command in a sentence of ours or in its translation, up to where the sentence goes on."""
    for path in sorted(LOCALE_DIR.rglob("onvio_agent.po")):
        for entry in read_po(BytesIO(path.read_bytes())):
            texts = [each for each in (entry.id, entry.string) if isinstance(each, str)]
            for line in (found for text in texts for found in PROPOSED.findall(text)):
                yield path.parts[-3], list(until_the_sentence_goes_on(line))


def until_the_sentence_goes_on(line: str) -> Iterator[str]:
    """The words of the command at the start of what may be half a sentence."""
    for word in line.split():
        if word in AND:
            return
        yield word.strip('.,:;"')
        if word.endswith(PROSE):
            return


def test_every_command_that_prose_names_is_taken() -> None:
    found = [*named(), *sentences()]
    assert len(found) > 150
    wrong = [
        f"{place}: {words}: {said}"
        for place, words in found
        if words[:1] != ["COMMAND"] and (said := mistake(words, whole=False))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "line",
    [
        "diagnose",
        "link ANA --password SECRET",
        "users frobnicate",
        "status --jason",
        "pause --for ever --and --ever",
        "stop now",
    ],
)
def test_a_command_that_would_be_refused_is_noticed(line: str) -> None:
    assert mistake(line.split(), whole=False)
    assert mistake(line.split(), whole=True)


def test_a_block_has_whole_commands() -> None:
    assert mistake(["link"], whole=True)
    assert mistake(["logs", "--level", "loud"], whole=True)
    assert not mistake(["logs", "--level", "warning"], whole=True)


# -- what is not ours: each with what can be seen of it here


@cache
def makefile() -> str:
    return (ROOT / "Makefile").read_text(encoding="utf-8")


def make(words: list[str]) -> bool:
    """Targets and variables of the Makefile."""
    known = re.findall(r"^([a-z-]+):", makefile(), re.M)
    known += [*re.findall(r"^([A-Z_]+) \?=", makefile(), re.M), "MUTANTS"]
    return all(word.partition("=")[0] in known for word in words)


def apt_get(words: list[str]) -> bool:
    """Packages by Debian's rules of names; ours, under the version that is made here."""
    command, *packages = [word for word in words if word != "--no-install-recommends"]
    ours = f"./onvio-agent_{__version__}_amd64.deb"
    name = re.compile(r"[a-z0-9][a-z0-9+.-]+")
    return command == "install" and all(
        each == ours or name.fullmatch(each) is not None for each in packages
    )


def python(words: list[str]) -> bool:
    """A module of this project, with options that its help knows."""
    option, module, *rest = words
    path = Path(module.replace(".", "/"))
    places = [
        folder / place
        for folder in (ROOT, ROOT / "tests")
        for place in (path.with_suffix(".py"), path / "__main__.py")
    ]
    asked = {word for word in rest if word.startswith("-")}
    is_there = option == "-m" and any(place.is_file() for place in places)
    return is_there and (not asked or asked <= options_of(module))


@cache
def options_of(module: str) -> set[str]:
    """What the help of `python -m MODULE` names."""
    done = subprocess.run(
        [sys.executable, "-m", module, "--help"],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT / "tests")},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(re.findall(r"--[a-z-]+", done.stdout))


CHECKED: dict[str, Callable[[list[str]], bool]] = {
    PROGRAM: lambda words: not mistake(words, whole=True),
    "onvio-tray": lambda words: not tray_mistake(words),
    "make": make,
    "sudo": lambda words: words[0] == "apt-get" and apt_get(words[1:]),
    "export": lambda words: words == ["PATH=$PWD/.venv/bin:$PATH"],
    ".venv/bin/python": python,
    "PYTHONPATH=tests": lambda words: python(words[1:]),
    "curl": lambda words: words[-1].endswith("/metrics"),  # run by test_page_scripts.py
}


def test_every_command_of_a_block_is_taken_by_its_program() -> None:
    found = list(typed())
    assert len(found) > 60
    strange = {words[0] for _place, words in found} - set(CHECKED)
    assert not strange, "a program that no test knows: check it, or run it"
    wrong = [f"{place}: {words}" for place, words in found if not CHECKED[words[0]](words[1:])]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "words",
    [
        ["make", "coffee"],
        ["make", "simulate", "SEED=1"],
        ["sudo", "apt-get", "install", "./onvio-agent_0.0.0_amd64.deb"],
        [".venv/bin/python", "-m", "bench", "--quickly"],
        ["onvio-tray", "--loud"],
    ],
)
def test_a_block_with_a_mistake_is_noticed(words: list[str]) -> None:
    assert not CHECKED[words[0]](words[1:])


def test_every_target_of_make_that_prose_names_exists() -> None:
    named = [
        span.split()[1:] for page in pages() for span in spans(text_of(page)) if span[:5] == "make "
    ]
    assert len(named) > 10
    assert [words for words in named if not make(words)] == []


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
