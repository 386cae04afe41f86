"""docs/commands.md is what the command line says, and its exit codes are those that the code has."""

from __future__ import annotations

import re
import subprocess
import sys
from types import ModuleType

import pytest

from onvio_agent import errors
from onvio_agent.cli import main
from onvio_agent.cli.main import COMMANDS
from support.pages import ROOT, text_of
from support.scripts import script

PAGE = text_of(ROOT / "docs" / "commands.md")


@pytest.fixture(scope="module")
def commands() -> ModuleType:
    return script("commands")


def test_the_page_is_up_to_date() -> None:
    path = str(ROOT / "packaging" / "commands.py")
    done = subprocess.run([sys.executable, path, "--check"], check=False)
    assert done.returncode == 0, "run packaging/commands.py"


def test_every_command_has_a_section() -> None:
    assert re.findall(r"^## ([a-z-]+)$", PAGE, re.M) == list(COMMANDS)


def test_the_exit_codes_are_those_of_the_code(commands: ModuleType) -> None:
    kinds = [each for each in vars(errors).values() if isinstance(each, type)]
    raised = {each.exit_code for each in kinds if issubclass(each, errors.AgentError)}
    ended = {main._FAILED, main._USAGE, main._INTERRUPTED, main._PIPE_CLOSED}
    assert raised | ended | {0, 1} == set(commands.CODES)


def test_a_command_names_only_codes_that_exist(commands: ModuleType) -> None:
    lines = re.findall(r"^Exit codes: (.+)$", PAGE, re.M)
    assert len(lines) > len(COMMANDS)
    named = {int(code) for line in lines for code in re.findall(r"(?:^|[,;] )(\d+) ", line)}
    assert named == {0, 1, 2, 3, 4, 5}


def test_readme_and_manual_give_the_same_codes(commands: ModuleType) -> None:
    manual = (ROOT / "packaging" / "linux" / "manual.py").read_text(encoding="utf-8")
    listed = {int(code) for code in re.findall(r'^    "(\d)": "', manual, re.M)}
    assert listed == {code for code in commands.CODES if code < 100}
    readme = " ".join(text_of(ROOT / "README.md").split())
    said = readme.partition("Exit codes: ")[2].partition(". ")[0]
    assert {int(code) for code in re.findall(r"(?:^|, )(\d) ", said)} == listed
