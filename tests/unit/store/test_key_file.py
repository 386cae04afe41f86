from __future__ import annotations

import os
from pathlib import Path

import pytest

from onvio_agent.store.key_file import KeyFile
from onvio_agent.store.key_places import KeyUnusable, PlaceClosed
from support.store_parts import files

ONE, TWO = b"1" * 32, b"2" * 32
posix_only = pytest.mark.skipif(os.name != "posix", reason="file modes and owners are POSIX's")


def test_there_is_no_key_until_one_is_made(tmp_path: Path) -> None:
    place = KeyFile(tmp_path / "vault.key")
    assert place.read() is None
    assert place.create(ONE) == ONE
    assert place.read() == ONE
    assert files(tmp_path) == [tmp_path / "vault.key"]


def test_a_key_is_never_written_over_another(tmp_path: Path) -> None:
    place = KeyFile(tmp_path / "vault.key")
    place.create(ONE)
    assert place.create(TWO) == ONE
    assert place.read() == ONE


def test_a_half_made_key_of_a_killed_process_is_no_key(tmp_path: Path) -> None:
    (tmp_path / "vault.key.new-0badc0de").write_bytes(b"half")
    place = KeyFile(tmp_path / "vault.key")
    assert place.read() is None
    assert place.create(ONE) == ONE
    assert files(tmp_path) == [tmp_path / "vault.key"]


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 33, b"x" * 5000])
def test_what_is_no_key_is_refused_and_kept_aside_when_a_new_one_is_made(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "vault.key"
    path.write_bytes(content)
    place = KeyFile(path)
    with pytest.raises(KeyUnusable):
        place.read()
    assert place.create(ONE) == ONE
    assert (tmp_path / "vault.key.unusable").read_bytes() == content
    path.unlink()
    path.mkdir()  # nothing that was put aside gives way to what comes later
    assert place.create(ONE) == ONE
    assert (tmp_path / "vault.key.unusable").read_bytes() == content
    assert (tmp_path / "vault.key.unusable-1").is_dir()


@posix_only
def test_the_key_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "vault.key"
    old_mask = os.umask(0)
    try:
        KeyFile(path).create(ONE)
    finally:
        os.umask(old_mask)
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    assert KeyFile(path).read() == ONE
    assert path.stat().st_mode & 0o777 == 0o600


@posix_only
def test_a_link_or_a_file_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "theirs").write_bytes(ONE)
    path = tmp_path / "vault.key"
    path.symlink_to(tmp_path / "theirs")
    with pytest.raises(KeyUnusable):
        KeyFile(path).read()
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(KeyUnusable):
        KeyFile(path).read()
    if os.geteuid() == 0:
        os.chown(tmp_path / "theirs", 65534, 65534)
        with pytest.raises(KeyUnusable):
            KeyFile(tmp_path / "theirs").read()


@posix_only
def test_a_key_that_may_not_be_read_is_closed_and_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "vault.key"
    KeyFile(path).create(ONE)

    def refuse(*_args: object) -> int:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", refuse)
        for call in (KeyFile(path).read, lambda: KeyFile(path).create(TWO)):
            with pytest.raises(PlaceClosed):
                call()
    assert KeyFile(path).read() == ONE
