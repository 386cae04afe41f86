"""Folders as they are on a disk: what is seen, what is read, and what is never overwritten."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from onvio_agent.sync import disk
from onvio_agent.sync.disk import DiskFolders
from onvio_agent.sync.left import Left
from onvio_agent.sync.parts import FoundFile

FOLDERS = DiskFolders()


def write(path: Path, text: str = "<a/>") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def scanned(folder: Path) -> tuple[list[str], dict[str, tuple[int, str]]]:
    """The paths that may be taken, and how many are left for each reason, with the first of them."""
    left = Left()
    paths = sorted(file.path for file in FOLDERS.scan(str(folder), left))
    return paths, {code: (kind.count, kind.example) for code, kind in left.kinds.items()}


def found(folder: Path, name: str) -> FoundFile:
    file = FOLDERS.looks(str(folder), name)
    assert file is not None
    return file


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every name is text")
def test_a_name_that_is_no_text_here_keeps_no_other_file_out(tmp_path: Path) -> None:
    write(tmp_path / "a.xml")
    write(tmp_path / os.fsdecode(b"inv\xff.xml"))
    write(tmp_path / os.fsdecode(b"pasta\xe9") / "b.xml")
    paths, left = scanned(tmp_path)
    assert paths == ["a.xml"]
    assert (list(left), left["sync.left_name"][0]) == (["sync.left_name"], 2)


def test_xml_and_zip_files_are_seen_in_sub_folders_and_nothing_else(tmp_path: Path) -> None:
    names = ["a.xml", "2026/B.XML", "2026/11/c.zip", "2026/enviados/d.xml"]
    others = [
        *("enviados/e.xml", "Rejeitados/f.xml", "nota.pdf", ".hidden.xml", ".git/g.xml"),
        "1/2/3/4/5/6/7/8/9/too-deep.xml",
    ]
    for name in [*names, *others]:
        write(tmp_path / name)
    (tmp_path / "link.xml").symlink_to(tmp_path / "a.xml")
    (tmp_path / "loop").symlink_to(tmp_path)
    paths, left = scanned(tmp_path)
    assert paths == sorted(names)
    assert {code: count for code, (count, _example) in left.items()} == {
        "sync.left_other": 1,
        "sync.left_hidden": 2,
        "sync.left_link": 2,
        "sync.left_deep": 1,
    }
    assert left["sync.left_deep"][1] == "1/2/3/4/5/6/7/8/9"


@pytest.mark.skipif(sys.platform == "win32", reason="no such files there")
def test_what_is_called_a_document_and_is_no_file_is_left(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.xml")
    assert scanned(tmp_path) == ([], {"sync.left_other": (1, "a.xml")})


def test_a_sub_folder_that_cannot_be_read_keeps_no_other_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "a.xml")
    write(tmp_path / "b" / "c.xml")
    write(tmp_path / "d" / "e.xml")
    scandir = os.scandir

    def forbidden(path: Path) -> object:
        if path == tmp_path / "b":
            raise PermissionError(13, "no", str(path))
        return scandir(path)

    monkeypatch.setattr(disk.os, "scandir", forbidden)
    assert scanned(tmp_path) == (["a.xml", "d/e.xml"], {"sync.left_unreadable": (1, "b")})


def test_a_folder_that_is_gone_is_an_error_and_not_empty(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        next(FOLDERS.scan(str(tmp_path / "gone"), Left()))


def test_a_file_that_is_not_the_one_that_was_seen_is_not_read(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xml")
    seen = found(tmp_path, "a.xml")
    assert FOLDERS.read(str(tmp_path), seen, 100) == b"<a/>"
    write(path, "<longer/>")
    assert FOLDERS.read(str(tmp_path), seen, 100) is None
    path.unlink()
    assert FOLDERS.read(str(tmp_path), seen, 100) is None


def test_a_file_that_changes_while_it_is_read_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.xml")
    seen, is_same = found(tmp_path, "a.xml"), disk._is_same

    def and_then_it_grows(status: os.stat_result, file: FoundFile) -> bool:
        same = is_same(status, file)
        with path.open("a") as writer:
            writer.write("<b/>")
        return same

    monkeypatch.setattr(disk, "_is_same", and_then_it_grows)
    assert FOLDERS.read(str(tmp_path), seen, 100) is None


@pytest.mark.skipif(sys.platform == "win32", reason="locks there refuse the opening")
@pytest.mark.parametrize("lock", ["flock", "lockf"])
def test_a_file_that_another_process_holds_is_left_alone(tmp_path: Path, lock: str) -> None:
    path = write(tmp_path / "a.xml")
    program = (
        f"import fcntl, sys; held = open({str(path)!r}, 'r+'); fcntl.{lock}(held, fcntl.LOCK_EX); "
        "print(flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(BlockingIOError):
            FOLDERS.read(str(tmp_path), found(tmp_path, "a.xml"), 100)
        holder.communicate()
    assert FOLDERS.read(str(tmp_path), found(tmp_path, "a.xml"), 100) == b"<a/>"


def test_a_link_that_took_a_files_place_is_not_followed(tmp_path: Path) -> None:
    path = write(tmp_path / "in" / "a.xml")
    seen = found(tmp_path / "in", "a.xml")
    path.unlink()
    path.symlink_to(write(tmp_path / "secret"))
    with pytest.raises(OSError, match="symbolic"):
        FOLDERS.read(str(tmp_path / "in"), seen, 100)


def test_a_file_is_moved_whole_and_never_over_another(tmp_path: Path) -> None:
    write(tmp_path / "a.xml", "one")
    assert FOLDERS.move(str(tmp_path), "a.xml", "enviados/2026-11/a.xml")
    write(tmp_path / "a.xml", "two")
    assert not FOLDERS.move(str(tmp_path), "a.xml", "enviados/2026-11/a.xml")
    assert (tmp_path / "a.xml").read_text() == "two"
    assert (tmp_path / "enviados/2026-11/a.xml").read_text() == "one"


def test_a_note_can_be_read_by_an_old_editor(tmp_path: Path) -> None:
    FOLDERS.write(str(tmp_path), "rejeitados/a.xml.txt", "não\nfoi")
    assert (tmp_path / "rejeitados/a.xml.txt").read_bytes() == "\ufeffnão\r\nfoi".encode()
