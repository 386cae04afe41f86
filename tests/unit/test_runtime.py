"""The file that tells clients where the agent is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from onvio_agent.errors import Failed
from onvio_agent.runtime import Runtime, read_runtime, write_runtime

RUNTIME = Runtime(pid=4711, port=1234, api_version=1, boot_id="b", token="s3cret")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "runtime.json"


def test_what_was_written_is_read(path: Path) -> None:
    write_runtime(path, RUNTIME)
    assert read_runtime(path) == RUNTIME


def test_it_is_readable_by_this_user_alone_whatever_the_mask_is(path: Path) -> None:
    before = os.umask(0)
    try:
        write_runtime(path, RUNTIME)
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_new_one_replaces_an_old_one_in_one_step_and_leaves_no_draft(path: Path) -> None:
    path.write_text("old")
    path.chmod(0o644)
    (path.parent / f"{path.name}.{RUNTIME.pid}").write_text("left by a kill")
    write_runtime(path, RUNTIME)
    assert read_runtime(path) == RUNTIME
    assert [each.name for each in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o622, 0o611])
def test_one_that_others_may_touch_is_refused(path: Path, mode: int) -> None:
    write_runtime(path, RUNTIME)
    path.chmod(mode)
    with pytest.raises(Failed, match=r"agent\.exposed"):
        read_runtime(path)


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can give away")
def test_one_of_another_owner_is_refused(path: Path) -> None:
    write_runtime(path, RUNTIME)
    os.chown(path, 12345, 12345)
    with pytest.raises(Failed, match=r"agent\.exposed"):
        read_runtime(path)


def test_a_link_to_another_file_is_not_followed(path: Path) -> None:
    write_runtime(path.with_name("elsewhere"), RUNTIME)
    path.symlink_to("elsewhere")
    assert read_runtime(path) is None


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"pid":"x"}', b"\xff\xfe", b"{" * 5000, b'{"pid":1}']
)
def test_what_is_no_such_file_counts_as_none(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o600)
    assert read_runtime(path) is None


def test_none_is_none(path: Path) -> None:
    assert read_runtime(path) is None


def test_the_token_is_in_no_repr() -> None:
    assert "s3cret" not in repr(RUNTIME)
