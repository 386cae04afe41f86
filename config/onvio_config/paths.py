"""The folders and files of one profile.

One agent belongs to one profile; every client of that profile must come to the same paths, however
it was started. So nothing here depends on the session (no XDG_RUNTIME_DIR, which is missing in
`su`, cron and ssh): the runtime folder lies inside the data folder. Folders are local, not roaming:
a profile copied between machines would be two agents with one set of tokens.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from onvio_config.text import N_, FolderError, Text

HOME_VARIABLE = "ONVIO_AGENT_HOME"
MACHINE_VARIABLE = "ONVIO_AGENT_MACHINE_SETTINGS"
_APP = "onvio-agent"


class Paths(NamedTuple):
    """The folders; the files in them are properties. `machine_settings_path` None: not read."""

    config_dir: Path
    data_dir: Path
    log_dir: Path
    runtime_dir: Path
    machine_settings_path: Path | None

    @property
    def folders(self) -> tuple[Path, ...]:
        """All that the agent keeps anything in."""
        return self.config_dir, self.data_dir, self.log_dir, self.runtime_dir

    @property
    def settings_path(self) -> Path:
        """The user's settings."""
        return self.config_dir / "settings.toml"

    @property
    def store_path(self) -> Path:
        """The data file, unless `store.path` names another."""
        return self.data_dir / "agent.db"

    def store_of(self, set_path: str) -> Path:
        """The data file, where `store.path` is `set_path` ("" for none)."""
        return Path(set_path) if set_path else self.store_path

    @property
    def key_path(self) -> Path:
        """The key of the sessions, where there is no keyring."""
        return self.data_dir / "vault.key"

    @property
    def lock_path(self) -> Path:
        """Locked for as long as an agent runs on this profile."""
        return self.data_dir / "agent.lock"

    @property
    def runtime_path(self) -> Path:
        """How to reach the running agent."""
        return self.runtime_dir / "runtime.json"

    @property
    def session_path(self) -> Path:
        """The Gerente's session that `login` keeps."""
        return self.runtime_dir / "session.json"

    @property
    def panel_path(self) -> Path:
        """What a browser is pointed at to open the panel."""
        return self.runtime_dir / "browser.html"

    @property
    def log_path(self) -> Path:
        """The current log file."""
        return self.log_dir / "agent.log"

    def ensure(self) -> None:
        """Make the missing folders, for this user alone (0700), and see that they can be written.

        Raises FolderError with the folder that cannot.
        """
        for folder in self.folders:
            _ensure(folder)


def paths_from_env(environ: Mapping[str, str]) -> Paths:
    """The profile that `environ` names.

    `ONVIO_AGENT_HOME=DIR` puts all four folders under DIR (config, data, logs, run); without it
    they are where the system keeps a user's own files. The machine-wide settings are read from
    their usual place in both cases; `ONVIO_AGENT_MACHINE_SETTINGS=FILE` names another file, and
    an empty value none.
    """
    machine = _machine_settings(environ)
    home = environ.get(HOME_VARIABLE, "")
    if home:
        root = Path(os.path.abspath(os.path.expanduser(home)))
        return Paths(root / "config", root / "data", root / "logs", root / "run", machine)
    from platformdirs import PlatformDirs  # 11 ms, and not needed under ONVIO_AGENT_HOME

    dirs = PlatformDirs(_APP, appauthor=False, roaming=False)
    data_dir = Path(dirs.user_data_dir)
    return Paths(
        Path(dirs.user_config_dir), data_dir, Path(dirs.user_log_dir), data_dir / "run", machine
    )


def _machine_settings(environ: Mapping[str, str]) -> Path | None:
    named = environ.get(MACHINE_VARIABLE)
    if named is not None:
        return Path(os.path.abspath(named)) if named else None
    if sys.platform == "win32":
        folder = Path(environ.get("PROGRAMDATA", r"C:\ProgramData"))
    elif sys.platform == "darwin":
        folder = Path("/Library/Application Support")
    else:
        folder = Path("/etc")
    return folder / _APP / "settings.toml"


def _ensure(folder: Path) -> None:
    probe = folder / ".writable"
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        os.close(os.open(probe, os.O_CREAT | os.O_WRONLY, 0o600))
        probe.unlink(missing_ok=True)
    except OSError as error:
        text = Text(N_("The folder {path} cannot be written."), {"path": folder})
        raise FolderError(text, path=str(folder)) from error
