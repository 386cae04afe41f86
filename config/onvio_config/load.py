"""Layers of settings, the later ones stronger, each value with the place that set it.

    defaults < machine-wide file < user's file < environment < command line

The machine-wide file may lock settings: set in a later layer, a locked one is refused.

A mistake is an error, never a guess: an unknown key, a wrong type or a broken file is refused with
its file, line, key and what was expected. Nothing here writes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec

from onvio_config.keys import Key, expected, known_keys
from onvio_config.model import Settings
from onvio_config.paths import Paths
from onvio_config.policy import LOCKED, Lock, locks_of
from onvio_config.sources import (
    Given,
    Origin,
    OriginKind,
    from_command,
    from_environment,
    from_file,
)
from onvio_config.text import N_, SettingsError, Text


class Loaded(NamedTuple):
    """The settings; where each came from, and which are locked, by `section.key`."""

    settings: Settings
    origins: dict[str, Origin]
    locks: Mapping[str, Lock] = MappingProxyType({})


def load(
    paths: Paths,
    environ: Mapping[str, str],
    overrides: Iterable[tuple[str, str]] = (),
    *,
    mistakes: list[SettingsError] | None = None,
) -> Loaded:
    """The settings of a profile; `overrides` are `("section.key", "value")` of the command line.

    In the environment and on the command line an empty value stands for the default.
    Raises SettingsError for the first mistake, LockedError for a locked setting; with `mistakes` they
    are put there, and what is wrong is left out.
    """
    values = {dotted: key.default for dotted, key in known_keys().items()}
    origins = dict.fromkeys(values, Origin(OriginKind.DEFAULT))
    locks: dict[str, Lock] = {}
    for source in _sources(paths, environ, overrides):  # the machine-wide file comes first
        with _noted(mistakes):
            for given in source:
                with _noted(mistakes):
                    if given.dotted == LOCKED:
                        locks = locks_of(given)
                        continue
                    key = _key_of(given)
                    if key.dotted in locks and given.origin.kind is not OriginKind.MACHINE:
                        raise locks[key.dotted].refusal(given)
                    values[key.dotted] = _value_of(key, given)
                    origins[key.dotted] = given.origin
    return Loaded(_build(values), origins, locks)


@contextlib.contextmanager
def _noted(mistakes: list[SettingsError] | None) -> Iterator[None]:
    try:
        yield
    except SettingsError as error:
        if mistakes is None:
            raise
        mistakes.append(error)


def _sources(
    paths: Paths, environ: Mapping[str, str], overrides: Iterable[tuple[str, str]]
) -> list[Iterator[Given]]:
    files = [(OriginKind.USER, paths.settings_path)]
    if paths.machine_settings_path is not None:
        files.insert(0, (OriginKind.MACHINE, paths.machine_settings_path))
    return [
        *(from_file(kind, path) for kind, path in files),
        from_environment(environ),
        from_command(overrides),
    ]


def _key_of(given: Given) -> Key:
    key = known_keys().get(given.dotted)
    if key is None:
        raise _unknown(given)
    return key


def _value_of(key: Key, given: Given) -> Any:
    if given.is_text and given.value == "":
        return key.default
    try:
        # A file says 4 or "4"; environment and command line only have strings.
        return msgspec.convert(given.value, key.type, strict=not given.is_text)
    except msgspec.ValidationError as error:
        raise _invalid(key, given) from error


def _build(values: dict[str, Any]) -> Settings:
    sections: dict[str, dict[str, Any]] = {}
    for dotted, value in values.items():
        section, _, name = dotted.partition(".")
        sections.setdefault(section, {})[name] = value
    return msgspec.convert(sections, Settings)


def _unknown(given: Given) -> SettingsError:
    import difflib  # only for a mistake

    shown = short(given.dotted)
    if given.origin.kind is OriginKind.ENVIRONMENT:
        wanted, known = given.origin.where, [key.variable for key in known_keys().values()]
    else:
        wanted, known = given.dotted, [*known_keys(), LOCKED]
    near = difflib.get_close_matches(wanted, known, n=1, cutoff=0.6)
    message = (
        N_("{where}: there is no setting {key}. Did you mean {near}?")
        if near
        else N_("{where}: there is no setting {key}. See: onvio-agent config show")
    )
    fields: dict[str, object] = {"where": given.origin.text(), "key": shown, "near": "".join(near)}
    return _error(Text(message, fields), given)


def _invalid(key: Key, given: Given) -> SettingsError:
    text = Text(
        N_("{where}: {key} must be {expected}, not {found}."),
        {
            "where": given.origin.text(),
            "key": key.dotted,
            "expected": expected(key),
            "found": "***" if key.secret else short(given.value),
        },
    )
    return _error(text, given)


def _error(text: Text, given: Given) -> SettingsError:
    origin = given.origin
    return SettingsError(
        text,
        path=origin.path,
        line=origin.line,
        key=given.dotted,
        by_command=origin.kind is OriginKind.COMMAND,
    )


def short(value: object) -> str:
    """A foreign value as it may be shown: on one line, visible, short, without a URL's password."""
    text = _without_userinfo(value if isinstance(value, str) else repr(value))
    shown = text[:60].encode("unicode_escape").decode("ascii") if not text.isprintable() else text
    shown = shown[:60] + ("…" if len(shown) > 60 or len(text) > 60 else "")
    return f'"{shown}"' if isinstance(value, str) else shown


def _without_userinfo(text: str) -> str:
    """`text` with `***` for the user and password of an address, however badly it is written."""
    before, at, place = text.rpartition("@")
    if ":" not in before:
        return text
    scheme, slashes, _ = before.partition("//")
    return f"{scheme}{slashes}***{at}{place}" if slashes else f"***{at}{place}"
