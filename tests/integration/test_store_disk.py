"""Disks as they are: full, read-only, another person's. Always a reason, never half a write."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from onvio_agent.errors import StoreFailed
from support.aio import on_loop
from support.disks import IS_ROOT, fill_up, run, small_disk
from support.store_parts import START, add_linked, files, later, look, new_user, opened, stored

TESTS_DIR = Path(__file__).parents[1]


@pytest.fixture(name="small_disk")
def made_small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MiB."""
    with small_disk(tmp_path / "disk") as folder:
        yield folder


@on_loop
async def test_a_full_disk_is_a_reason_and_the_store_works_again_once_there_is_room(
    small_disk: Path,
) -> None:
    path = small_disk / "agent.db"
    async with opened(path) as store:
        ana = await add_linked(store, "ana", sealed=b"one")
        filler = fill_up(small_disk)
        big = b"x" * 200_000
        for _ in range(3):
            with pytest.raises(StoreFailed) as failed:
                await store.store_refreshed(ana.id, 1, 1, big, None, at=START)
            assert failed.value.code == "store.full"
        kept = await store.tokens(ana.id, 1)
        assert kept is not None
        assert (kept.sealed, kept.serial) == (b"one", 1)
        filler.unlink()
        assert await store.store_refreshed(ana.id, 1, 1, big, None, at=START)
    assert look(path, "PRAGMA integrity_check") == [("ok",)]


@on_loop
async def test_a_store_cannot_be_made_on_a_full_disk_but_can_be_later(small_disk: Path) -> None:
    path = small_disk / "agent.db"
    filler = fill_up(small_disk)
    with pytest.raises(StoreFailed) as failed:
        async with opened(path):
            pass
    assert failed.value.code == "store.full"
    filler.unlink()
    async with opened(path) as store:
        assert (await store.office()).users == ()
        assert await store.corrupt_at() is None


@on_loop
async def test_a_store_opened_on_a_full_disk_loses_nothing(small_disk: Path) -> None:
    path = small_disk / "agent.db"
    async with opened(path) as store:
        ana = await add_linked(store, "ana")
    filler = fill_up(small_disk)
    with pytest.raises(StoreFailed) as failed:
        async with opened(path) as store:
            await store.add_user(new_user("bia"), at=START)
    assert failed.value.code == "store.full"
    assert files(small_disk, "*.corrupt-*") == []
    filler.unlink()
    async with opened(path) as store:
        assert await stored(store, ana.id) == ana


@on_loop
async def test_a_damaged_file_on_a_full_disk_is_not_forgotten_once_there_is_room(
    small_disk: Path,
) -> None:
    path = small_disk / "agent.db"
    path.write_bytes(b"garbage" * 100)
    filler = fill_up(small_disk)
    with pytest.raises(StoreFailed) as failed:
        async with opened(path):
            pass
    assert failed.value.code == "store.full"
    filler.unlink()
    async with opened(path, wall=later(3)) as store:
        assert await store.corrupt_at() == later(3)
    (aside,) = files(small_disk, "*.corrupt-*")
    assert aside.read_bytes() == b"garbage" * 100


@on_loop
async def test_a_read_only_disk_is_a_reason(small_disk: Path) -> None:
    path = small_disk / "agent.db"
    async with opened(path) as store:
        await add_linked(store, "ana")
    assert run("mount", "-o", "remount,ro", str(small_disk))
    with pytest.raises(StoreFailed) as failed:
        async with opened(path):
            pass
    assert failed.value.code == "store.unwritable"
    assert str(failed.value.fields["path"]) == str(path)
    assert run("mount", "-o", "remount,rw", str(small_disk))
    async with opened(path) as store:
        assert len((await store.office()).users) == 1


LIMITED = """
import asyncio, resource, sys
from pathlib import Path
from onvio_agent.errors import StoreFailed
from support.store_parts import START, add_linked, opened

async def main(path):
    async with opened(path) as store:
        ana = await add_linked(store, "ana", sealed=b"one")
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size, hard))
        try:
            await store.store_refreshed(ana.id, 1, 1, b"x" * 900_000, None, at=START)
        except StoreFailed as failed:
            print(failed.code)
        kept = await store.tokens(ana.id, 1)
        assert kept.sealed == b"one"
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        assert await store.store_refreshed(ana.id, 1, 1, b"x" * 900_000, None, at=START)
        print("stored")

asyncio.run(main(Path(sys.argv[1])))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a file-size limit is POSIX's")
def test_a_write_beyond_a_limit_is_a_reason_and_works_once_the_limit_is_lifted(
    tmp_path: Path,
) -> None:
    assert python(LIMITED, str(tmp_path / "agent.db")) == ["store.unwritable", "stored"]


AS_NOBODY = """
import asyncio, os, sys
from pathlib import Path
from onvio_agent.errors import StoreFailed
from support.store_parts import opened

async def main():
    for path in sys.argv[1:]:
        try:
            async with opened(Path(path)):
                print("opened")
        except StoreFailed as failed:
            print(failed.code, failed.fields["path"])

os.setgroups([])
os.setgid(65534)
os.setuid(65534)
asyncio.run(main())
"""


@pytest.fixture
def public_dir() -> Iterator[Path]:
    """A folder that others may enter; they may not enter pytest's own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o711)
        yield folder


@pytest.mark.skipif(not IS_ROOT, reason="needs root to become somebody else")
@on_loop
async def test_a_folder_or_file_of_another_person_is_a_reason(public_dir: Path) -> None:
    locked, readable, shared = (public_dir / name for name in ("locked", "readable", "shared"))
    for folder, mode in ((locked, 0o700), (readable, 0o755), (shared, 0o777)):
        folder.mkdir()
        folder.chmod(mode)
    async with opened(shared / "agent.db"):
        pass
    paths = [str(f / "agent.db") for f in (locked, readable, shared)]
    assert python(AS_NOBODY, *paths) == [f"store.unwritable {path}" for path in paths]
    assert python(AS_NOBODY, str(shared / "theirs.db")) == ["opened"]


def python(script: str, *arguments: str) -> list[str]:
    """The lines that a script of its own process prints."""
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(TESTS_DIR), "PATH": ""},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()
