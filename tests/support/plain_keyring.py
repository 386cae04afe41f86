"""A keyring backend as people install them: it stores, but in plain text."""

from __future__ import annotations

from pathlib import Path

from keyring.backend import KeyringBackend


class PlaintextKeyring(KeyringBackend):
    """Keeps every password in `$HOME/plain`."""

    priority = 9.0  # type: ignore[assignment]

    def get_password(self, service: str, username: str) -> str | None:
        path = self._path()
        return path.read_text() if path.exists() else None

    def set_password(self, service: str, username: str, password: str) -> None:
        self._path().write_text(password)

    def _path(self) -> Path:
        return Path.home().parent / "plain"
