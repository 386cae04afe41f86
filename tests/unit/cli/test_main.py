"""The table of commands, and the exit code of every kind of end."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click
import pytest

from onvio_agent.cli import main as frame
from onvio_agent.errors import Failed, NotRunning, Refused, WrongUsage
from onvio_config.text import FolderError, LockedError, SettingsError, Text

HEAVY = ("asyncio", "structlog", "httpx", "starlette", "uvicorn", "apscheduler", "sqlite3",
         "cryptography", "keyring", "platformdirs", "tomllib", "msgspec")  # fmt: skip


@pytest.mark.parametrize("name", frame.COMMANDS)
def test_every_listed_command_can_be_imported(name: str) -> None:
    group = frame.build_group({})
    command = group.get_command(click.Context(group), name)
    assert isinstance(command, click.Command)
    assert command.name == name
    assert command.help


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys; from onvio_agent.cli.main import run\n"
        f"run(['--help'], {{'ONVIO_AGENT_HOME': {str(tmp_path)!r}}})\n"
        f"print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    # Without a site's start-up files, which may import what they like.
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip().endswith("[]")


@pytest.fixture
def ending(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[object]:
    """Call `status` as a command that ends in a given way."""

    def end(how: object) -> int:
        def callback() -> object:
            if isinstance(how, BaseException):
                raise how
            return how

        module = ModuleType("onvio_agent.cli.status")
        module.command = click.Command("status", callback=callback)  # type: ignore[attr-defined]
        monkeypatch.setattr(importlib, "import_module", lambda name: module)
        return frame.run(["status"], {"ONVIO_AGENT_HOME": str(tmp_path)})

    monkeypatch.setenv("LANGUAGE", "en")
    monkeypatch.setattr(frame, "_speak_in_click", lambda: None)
    return end


@pytest.mark.parametrize(
    ("how", "code"),
    [
        (None, 0),
        (0, 0),
        (1, 1),
        (click.exceptions.Exit(1), 1),
        (click.exceptions.Abort(), 130),
        (KeyboardInterrupt(), 130),
        (BrokenPipeError(), 141),
        (click.UsageError("x"), 2),
        (click.FileError("x"), 5),
        (WrongUsage("request.invalid", detail="x"), 2),
        (NotRunning("agent.not_running"), 3),
        (Refused("manager.only"), 4),
        (Failed("agent.start_failed", detail="x"), 5),
        (SettingsError(Text("x")), 5),
        (SettingsError(Text("x"), by_command=True), 2),
        (LockedError(Text("x")), 4),
        (FolderError(Text("x"), path="/x"), 5),
        (ZeroDivisionError(), 5),
        (OSError(28, "No space left on device"), 5),
    ],
    ids=repr,
)
def test_each_end_has_its_exit_code(
    how: object, code: int, ending: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frame, "_silence", lambda: 141)
    assert callable(ending)
    assert ending(how) == code


@pytest.mark.parametrize(
    ("how", "begins"),
    [
        (NotRunning("agent.not_running"), "agent.not_running: "),
        (Refused("manager.only"), "manager.only: "),
        (SettingsError(Text("x")), "settings.invalid: "),
        (LockedError(Text("x")), "settings.locked: "),
        (FolderError(Text("x"), path="/x"), "store.unwritable: "),
        (ZeroDivisionError(), "internal.error: "),
    ],
    ids=repr,
)
def test_the_reasons_code_comes_first(
    how: object, begins: str, ending: object, capsys: pytest.CaptureFixture[str]
) -> None:
    assert callable(ending)
    ending(how)
    printed = capsys.readouterr()
    assert printed.err.startswith(begins)
    assert printed.err.splitlines()[1].startswith("→ ")
    assert not printed.out
