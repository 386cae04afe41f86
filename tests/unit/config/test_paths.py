"""The folders of a profile."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from onvio_config.paths import Paths, paths_from_env
from onvio_config.text import FolderError


def test_home_puts_every_folder_under_it(tmp_path: Path) -> None:
    paths = paths_from_env({"ONVIO_AGENT_HOME": str(tmp_path)})
    assert paths.config_dir == tmp_path / "config"
    assert paths.data_dir == tmp_path / "data"
    assert paths.log_dir == tmp_path / "logs"
    assert paths.runtime_dir == tmp_path / "run"
    inside = (
        paths.settings_path,
        paths.store_path,
        paths.key_path,
        paths.lock_path,
        paths.runtime_path,
        paths.session_path,
        paths.log_path,
    )
    assert all(path.is_relative_to(tmp_path) for path in inside)
    assert len(set(inside)) == len(inside)


def test_a_relative_home_means_the_same_folder_for_every_client(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    paths = paths_from_env({"ONVIO_AGENT_HOME": "profile"})
    assert paths.data_dir == tmp_path / "profile" / "data"


def test_without_home_the_folders_are_the_users_and_independent_of_the_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "session"))
    paths = paths_from_env({})
    assert paths.runtime_dir == paths.data_dir / "run"
    assert "onvio-agent" in str(paths.data_dir)
    if sys.platform == "linux":
        monkeypatch.delenv("XDG_RUNTIME_DIR")
        assert paths_from_env({}) == paths


def test_the_machine_wide_file_can_be_moved_and_left_out(tmp_path: Path) -> None:
    usual = paths_from_env({"ONVIO_AGENT_HOME": str(tmp_path)}).machine_settings_path
    assert usual is not None
    assert usual.name == "settings.toml"
    named = {"ONVIO_AGENT_MACHINE_SETTINGS": str(tmp_path / "m.toml")}
    assert paths_from_env(named).machine_settings_path == tmp_path / "m.toml"
    assert paths_from_env({"ONVIO_AGENT_MACHINE_SETTINGS": ""}).machine_settings_path is None


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX")
def test_folders_are_made_for_this_user_alone(tmp_path: Path) -> None:
    paths = paths_from_env({"ONVIO_AGENT_HOME": str(tmp_path / "new" / "home")})
    paths.ensure()
    paths.ensure()
    for folder in (paths.config_dir, paths.data_dir, paths.log_dir, paths.runtime_dir):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert not list(folder.iterdir())


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")
    paths = Paths(tmp_path / "c", tmp_path / "data", tmp_path / "l", tmp_path / "r", None)
    with pytest.raises(FolderError) as caught:
        paths.ensure()
    assert caught.value.path == str(tmp_path / "data")
