"""The language to speak before anything is loaded, at the price of a small file read.

Help texts are built before settings are: they need the language early and must not fail. Whatever
is wrong here is reported by the command that loads the settings for real.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from onvio_config.paths import paths_from_env

LANGUAGES = ("pt_BR", "en")
_VARIABLE = "ONVIO_AGENT_UI__LANGUAGE"


def language_hint(environ: Mapping[str, str]) -> str:
    """`ui.language` as far as it can be read; the default otherwise. Never raises."""
    named = environ.get(_VARIABLE)
    if named is not None:
        return named if named in LANGUAGES else LANGUAGES[0]
    try:
        paths = paths_from_env(environ)
    except (OSError, RuntimeError, ImportError):
        return LANGUAGES[0]
    for path in (paths.settings_path, paths.machine_settings_path):
        found = _language_in(path)
        if found:
            return found
    return LANGUAGES[0]


def _language_in(path: Path | None) -> str | None:
    if path is None or not path.is_file():
        return None
    import tomllib  # 8 ms, and most profiles have no file

    try:
        with path.open("rb") as file:
            found = tomllib.loads(file.read(1 << 20).decode("utf-8-sig"))["ui"]["language"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return found if found in LANGUAGES else None
