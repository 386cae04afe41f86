"""Where values come from: files, environment, command line; each value with its place.

Foreign input: files may be of any size, encoding or shape. Nothing here knows which values are
valid; that is the loader's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from onvio_config.keys import known_keys
from onvio_config.text import N_, SettingsError, Text

_PREFIX = "ONVIO_AGENT_"
POLICY = "policy"  # a section of the machine-wide file that holds no settings
_MAX_BYTES = 1 << 20  # a settings file has a few kB; more is a mistake


class OriginKind(StrEnum):
    """The layers, each overriding those before it."""

    DEFAULT = "default"
    MACHINE = "machine"
    USER = "user"
    ENVIRONMENT = "environment"
    COMMAND = "command"


class Origin(NamedTuple):
    """Where a value was set. `where`: file, variable or option; `line` counted from 1."""

    kind: OriginKind
    where: str = ""
    line: int | None = None

    @property
    def path(self) -> str | None:
        """The file, where it is one."""
        return self.where if self.kind in (OriginKind.MACHINE, OriginKind.USER) else None

    def text(self) -> Text:
        """The place in words, to begin a complaint with."""
        if self.line is not None:
            return Text(N_("{where}, line {line}"), {"where": self.where, "line": self.line})
        return Text("{where}", {"where": self.where})


class Given(NamedTuple):
    """One value as it was found. `is_text`: a string that stands for its type; "" for the default."""

    dotted: str
    value: object
    origin: Origin
    is_text: bool


def from_file(kind: OriginKind, path: Path) -> Iterator[Given]:
    """The values of a TOML file; none where there is no such file.

    Raises SettingsError for a file that cannot be read as TOML in UTF-8.
    """
    text = _read(kind, path)
    if text is None:
        return
    import tomllib  # 8 ms, and most profiles have no file

    try:
        tables = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _not_toml(kind, path, str(error)) from error
    for section, content in tables.items():
        if not isinstance(content, dict):
            yield Given(section, content, _origin(kind, path, text, "", section), False)
            continue
        if not content and not _is_section(section):
            yield Given(section, content, _origin(kind, path, text, section, ""), False)
        for name, value in content.items():
            where = _origin(kind, path, text, section, name)
            yield Given(f"{section}.{name}", value, where, False)


def from_environment(environ: Mapping[str, str]) -> Iterator[Given]:
    """The values of `ONVIO_AGENT_<SECTION>__<KEY>`, by name; other variables are not ours."""
    for variable in sorted(environ):
        if variable.startswith(_PREFIX) and "__" in variable:
            section, _, name = variable.removeprefix(_PREFIX).lower().partition("__")
            origin = Origin(OriginKind.ENVIRONMENT, variable)
            yield Given(f"{section}.{name}", environ[variable], origin, True)


def from_command(assignments: Iterable[tuple[str, str]]) -> Iterator[Given]:
    """The values of `--set section.key=value`."""
    for dotted, value in assignments:
        yield Given(dotted, value, Origin(OriginKind.COMMAND, f"--set {dotted}"), True)


def _is_section(name: str) -> bool:
    return name == POLICY or any(key.section == name for key in known_keys().values())


def _read(kind: OriginKind, path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        text = Text(N_("{where}: the file cannot be read."), {"where": path})
        raise SettingsError(text, path=str(path)) from error
    if len(data) > _MAX_BYTES:
        raise _not_toml(kind, path, "too large")
    try:
        return data.decode("utf-8-sig")  # Notepad begins its files with a mark
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        text = Text(
            N_("{where}: the file is not in UTF-8; save it as UTF-8."),
            {"where": Origin(kind, str(path), line).text()},
        )
        raise SettingsError(text, path=str(path), line=line) from error


def _not_toml(kind: OriginKind, path: Path, why: str) -> SettingsError:
    found = re.search(r"\(at line (\d+), column (\d+)\)", why)
    line = int(found[1]) if found else None
    text = Text(
        N_("{where}: the file is not valid TOML ({why})."),
        {"where": Origin(kind, str(path), line).text(), "why": why.partition(" (at ")[0]},
    )
    return SettingsError(text, path=str(path), line=line)


def _origin(kind: OriginKind, path: Path, text: str, section: str, name: str) -> Origin:
    return Origin(kind, str(path), _line_of(text, section, name))


def _line_of(text: str, section: str, name: str) -> int | None:
    """The line that sets a key, found by eye: `[section]` and then `name =`, or `section.name =`.

    None for spellings that only a full parser would find: the file and the key are named anyway.
    """
    current = ""
    for number, line in enumerate(text.splitlines(), start=1):
        header = re.match(r"\s*\[\s*([^\]\s]+)\s*\]", line)
        if header:
            current = header[1].strip("\"'")
            if current == section and not name:
                return number
            continue
        left = line.partition("=")[0].strip().replace('"', "").replace("'", "")
        if (current == section and left == name) or (
            not current and section and left in (f"{section}.{name}", section)
        ):
            return number
    return None
