"""Secrets that this profile is known to have, so that none of them can pass by accident."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

from onvio_agent.log.redaction import is_secret_name
from onvio_config.model import Settings
from onvio_config.paths import Paths

_PROXIES = ("http_proxy", "https_proxy", "all_proxy")
_MIN_LENGTH = 4
_MAX_BYTES = 64 * 1024


def known_secrets(paths: Paths, settings: Settings, environ: Mapping[str, str]) -> Iterator[str]:
    """Tokens and passwords in the profile's files, the files that settings name, and `environ`."""
    yield from _in_json(paths.runtime_path)
    yield from _in_json(paths.session_path)
    named = (
        settings.proxy.password_file, settings.sync.client_secret_file, settings.metrics.token_file,
    )  # fmt: skip
    for path in (paths.key_path, *(Path(name) for name in named if name)):
        yield from (line.strip() for line in _read(path).splitlines() if line.strip())
    for address in (settings.proxy.url, *_of_names(environ)):
        yield from _in_address(address)
    yield from (
        value
        for name, value in environ.items()
        if is_secret_name(name) and len(value) > _MIN_LENGTH
    )


def _of_names(environ: Mapping[str, str]) -> list[str]:
    return [value for name, value in environ.items() if name.casefold() in _PROXIES]


def _in_address(address: str) -> Iterator[str]:
    with suppress(ValueError):
        password = urlsplit(address if "//" in address else f"//{address}").password
        if password:
            yield from (password, unquote(password))


def _in_json(path: Path) -> Iterator[str]:
    with suppress(ValueError):
        content = json.loads(_read(path))
        if isinstance(content, dict):
            names = ("token", "session")
            yield from (str(content[name]) for name in names if name in content)


def _read(path: Path) -> str:
    with suppress(OSError), path.open("rb") as file:
        return file.read(_MAX_BYTES).decode("utf-8", "replace")
    return ""
