"""A bundle's file is whole and private, or it is not there."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import pytest

from onvio_agent.bundle.archive import write_archive
from onvio_agent.errors import Refused, StoreFailed

PARTS = [("versions.json", b"{}\n"), ("logs.jsonl", b"")]


def test_it_holds_its_parts_and_is_this_users_alone(tmp_path: Path) -> None:
    target = tmp_path / "a.zip"
    write_archive(target, PARTS)
    with zipfile.ZipFile(target) as archive:
        assert [(name, archive.read(name)) for name in archive.namelist()] == PARTS
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [target]


def test_it_replaces_nothing_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    there, dangling = tmp_path / "a.zip", tmp_path / "b.zip"
    there.write_text("mine")
    dangling.symlink_to(tmp_path / "nowhere")
    for target in (there, dangling):
        with pytest.raises(Refused) as raised:
            write_archive(target, PARTS)
        assert raised.value.code == "bundle.exists"
    assert there.read_text() == "mine"
    with pytest.raises(StoreFailed) as failed:
        write_archive(tmp_path / "missing" / "c.zip", PARTS)
    assert failed.value.code == "store.unwritable"
    assert sorted(tmp_path.iterdir()) == [there, dangling]
