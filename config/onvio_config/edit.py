"""Change one setting in the user's own file and leave every other byte of it as it is.

The file belongs to people: their comments, order and spelling stay. What cannot be changed with
certainty is refused, never guessed.
"""

from __future__ import annotations

import contextlib
import os
import re
import tomllib
from pathlib import Path
from typing import Any

from onvio_config.text import N_, SettingsError, Text

_VALUE = r"""("(?:[^"\\]|\\.)*"|'[^']*'|true|false)"""
_UNSAFE = re.compile(r'["\\\x00-\x1f\x7f]')


def set_value(path: Path, section: str, name: str, value: str | bool) -> None:
    """Set `section.name` in the TOML file at `path`, which is made if it is missing (0600).

    Raises SettingsError where the file cannot be read, changed with certainty, or written.
    """
    try:
        before = path.read_bytes().decode("utf-8-sig") if path.exists() else ""
        wanted = _with(tomllib.loads(before), section, name, value)
        after = _edited(before, section, name, _literal(value))
        if tomllib.loads(after) != wanted:
            raise _refused(path)
        _replace(path, after)
    except (OSError, ValueError, RecursionError) as error:
        raise _refused(path) from error


def _edited(text: str, section: str, name: str, value: str) -> str:
    """`text` with the key's value replaced, or with the key added to its section."""
    head = re.search(rf"^[ \t]*\[[ \t]*{section}[ \t]*\][^\n]*(\n|\Z)", text, re.MULTILINE)
    if head is None:
        gap = "" if not text else "\n" if text.endswith("\n") else "\n\n"
        return f"{text}{gap}[{section}]\n{name} = {value}\n"
    next_head = re.compile(r"^[ \t]*\[", re.MULTILINE).search(text, head.end())
    end = next_head.start() if next_head else len(text)
    body = text[head.end() : end]
    line = re.compile(rf"^([ \t]*{name}[ \t]*=[ \t]*){_VALUE}", re.MULTILINE)
    if line.search(body):
        body = line.sub(lambda found: found[1] + value, body, count=1)
    else:
        body = f"{name} = {value}\n{body}"
        if not head[0].endswith("\n"):
            body = "\n" + body
    return text[: head.end()] + body + text[end:]


def _with(tables: dict[str, Any], section: str, name: str, value: str | bool) -> dict[str, Any]:
    return {**tables, section: {**tables.get(section, {}), name: value}}


def _literal(value: str | bool) -> str:
    """A truth value or a basic string of TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return '"' + _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", value) + '"'


def _replace(path: Path, text: str) -> None:
    """In one step, for this user alone."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(handle, "wb") as file:
            file.write(text.encode())
        draft.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise


def _refused(path: Path) -> SettingsError:
    text = Text(
        N_("{path} cannot be changed by the program; change it with an editor."), {"path": path}
    )
    return SettingsError(text, path=str(path))
