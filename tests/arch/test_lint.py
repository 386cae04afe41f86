"""Style, types and layers hold for the whole project, on every platform that it is written for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from arch.sources import ROOT

BIN = Path(sys.executable).parent


def hold(*command: str) -> None:
    """Run a tool of the virtual environment; its output is the failure's text."""
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}"


def test_the_style_is_clean() -> None:
    hold("ruff", "check", "--output-format", "concise", ".")


def test_the_code_is_in_shape() -> None:
    hold("ruff", "format", "--check", "-q", ".")


def test_imports_go_down_only() -> None:
    hold("lint-imports")


def test_types_are_strict() -> None:
    hold("mypy")


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_types_hold_on_the_other_platforms(platform: str) -> None:
    """Code behind another platform's `if` is unreachable there, and rightly so."""
    hold("mypy", "--platform", platform, "--no-warn-unreachable")
