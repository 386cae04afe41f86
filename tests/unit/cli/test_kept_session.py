"""The file of the Gerente's session: private, replaced in one step, never trusted."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from onvio_agent.cli import kept_session
from onvio_agent.cli.kept_session import KeptSession

KEPT = KeptSession("boot", "token")


def test_what_was_kept_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "session.json"
    kept_session.keep(path, KeptSession("older", "other"))
    kept_session.keep(path, KEPT)
    assert kept_session.read(path) == KEPT
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="Windows has access lists instead of modes")
def test_only_this_user_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "session.json"
    kept_session.keep(path, KEPT)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b'{"boot_id": 1, "session": "x"}', b"\xff\xfe", b'{"a":' * 5000]
)
def test_a_file_that_is_no_session_is_none(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "session.json"
    path.write_bytes(data)
    assert kept_session.read(path) is None


def test_forgetting_says_whether_there_was_one(tmp_path: Path) -> None:
    path = tmp_path / "session.json"
    assert kept_session.read(path) is None
    assert not kept_session.forget(path)
    kept_session.keep(path, KEPT)
    assert kept_session.forget(path)
    assert not path.exists()
