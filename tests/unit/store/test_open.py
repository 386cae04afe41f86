from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from onvio_agent.errors import StoreFailed
from onvio_agent.store.database import suspect_path
from support.aio import on_loop
from support.store_parts import START, add_linked, files, later, look, new_user, opened


async def fill(path: Path, rows: int = 40) -> None:
    async with opened(path) as store:
        for n in range(rows):
            await add_linked(store, f"user{n}", sealed=b"t" * 900)


def truncated(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


def cut_to_a_few_bytes(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:50])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def garbage_header(path: Path) -> None:
    path.write_bytes(b"no database at all " * 9 + path.read_bytes()[171:])


def zeros(path: Path) -> None:
    path.write_bytes(bytes(len(path.read_bytes())))


def a_page_of(table: str) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        (root,) = next(
            (number,)
            for name, number in look(path, "SELECT name, rootpage FROM sqlite_master")
            if name == table
        )
        (size,) = look(path, "PRAGMA page_size")[0]
        assert isinstance(root, int)
        assert isinstance(size, int)
        data = bytearray(path.read_bytes())
        data[(root - 1) * size : root * size] = b"\xa5" * size
        path.write_bytes(bytes(data))

    damage.__name__ = f"page of {table}"
    return damage


def a_table_dropped(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP TABLE tokens")


DAMAGES = [
    truncated,
    cut_to_a_few_bytes,
    emptied,
    garbage_header,
    zeros,
    a_table_dropped,
    a_page_of("users"),
    a_page_of("users_login"),
    a_page_of("links"),
    a_page_of("links_email"),
    a_page_of("tokens"),
    a_page_of("revocations"),
    a_page_of("vault_key"),
]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
@on_loop
async def test_a_damaged_file_is_set_aside_whole_and_a_fresh_one_takes_its_place(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    path = tmp_path / "agent.db"
    await fill(path)
    damage(path)
    broken = path.read_bytes()
    async with opened(path, wall=later(7)) as store:
        assert await store.corrupt_at() == later(7)
        assert (await store.office()).users == ()
        await store.add_user(new_user("ana"), at=START)
    (aside,) = files(tmp_path, "agent.db.corrupt-*")
    assert aside.name == "agent.db.corrupt-20310304T123007Z"
    assert aside.read_bytes() == broken


@on_loop
async def test_the_damage_is_told_until_somebody_acknowledges_it(tmp_path: Path) -> None:
    path = tmp_path / "agent.db"
    await fill(path, 1)
    garbage_header(path)
    async with opened(path, wall=later(1)):
        pass
    async with opened(path, wall=later(99)) as store:
        assert await store.corrupt_at() == later(1)
        await store.acknowledge_corrupt()
        assert await store.corrupt_at() is None
    async with opened(path) as store:
        assert await store.corrupt_at() is None


@on_loop
async def test_two_damaged_files_of_one_second_are_both_kept(tmp_path: Path) -> None:
    path = tmp_path / "agent.db"
    for content in (b"first " * 99, b"second " * 99):
        path.write_bytes(content)
        async with opened(path):
            pass
    kept = sorted(aside.read_bytes()[:5] for aside in files(tmp_path, "agent.db.corrupt-*"))
    assert kept == [b"first", b"secon"]


@on_loop
async def test_a_damaged_file_goes_with_its_wal_file_so_that_nothing_is_replayed(
    tmp_path: Path,
) -> None:
    path = tmp_path / "agent.db"
    await fill(path, 3)
    path.write_bytes(b"garbage" * 99)
    (tmp_path / "agent.db-wal").write_bytes(b"w" * 5000)
    async with opened(path) as store:
        assert await store.corrupt_at() == START
    (aside,) = files(tmp_path, "agent.db.corrupt-*-wal")
    assert aside.read_bytes() == b"w" * 5000


@on_loop
async def test_a_garbage_wal_file_costs_at_most_what_it_held(tmp_path: Path) -> None:
    path = tmp_path / "agent.db"
    await fill(path, 3)
    (tmp_path / "agent.db-wal").write_bytes(b"\x37\x7f\x06\x82" + b"w" * 9000)
    async with opened(path) as store:
        assert len((await store.office()).users) == 3
        assert await store.corrupt_at() is None


@on_loop
async def test_a_wal_file_whose_main_file_is_gone_is_not_replayed_into_the_next(
    tmp_path: Path,
) -> None:
    path = tmp_path / "agent.db"
    async with opened(path) as store:
        await add_linked(store, "ana")
        wal = (tmp_path / "agent.db-wal").read_bytes()
    assert len(wal) > 0
    path.unlink()
    (tmp_path / "agent.db-wal").write_bytes(wal)
    async with opened(path) as store:
        assert (await store.office()).users == ()
        assert await store.corrupt_at() == START


@on_loop
async def test_a_start_that_ended_between_setting_aside_and_making_anew_still_tells(
    tmp_path: Path,
) -> None:
    (tmp_path / "agent.db.corrupt-20310304T120000Z").write_bytes(b"broken")
    (tmp_path / "agent.db.new").write_bytes(b"half made")
    async with opened(tmp_path / "agent.db", wall=later(2)) as store:
        assert await store.corrupt_at() == later(2)


@on_loop
async def test_damage_found_while_running_is_a_reason_and_the_next_start_reads_everything(
    tmp_path: Path,
) -> None:
    path = tmp_path / "agent.db"
    await fill(path, 2)
    a_page_of("history_subject")(path)
    async with opened(path) as store:
        assert len((await store.office()).users) == 2
        with pytest.raises(StoreFailed) as failed:
            await store.history(subject="x", since=None, limit=5)
        assert failed.value.code == "store.corrupt"
        assert suspect_path(path).exists()
    async with opened(path) as store:
        assert await store.corrupt_at() == START
        assert not suspect_path(path).exists()
    assert len(files(tmp_path, "agent.db.corrupt-*")) == 1


@on_loop
async def test_a_suspicion_that_proves_wrong_costs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "agent.db"
    await fill(path, 2)
    suspect_path(path).touch()
    async with opened(path) as store:
        assert len((await store.office()).users) == 2
        assert await store.corrupt_at() is None
    assert not suspect_path(path).exists()


@on_loop
async def test_a_newer_file_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "agent.db"
    await fill(path, 1)
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 4711")
    with pytest.raises(StoreFailed) as failed:
        async with opened(path):
            pass
    assert failed.value.code == "store.newer"
    assert look(path, "SELECT count(*) FROM users") == [(1,)]
    assert files(tmp_path, "*.corrupt-*") == []


@on_loop
async def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE theirs (a)")
    with pytest.raises(StoreFailed) as failed:
        async with opened(path):
            pass
    assert failed.value.code == "store.unwritable"
    assert look(path, "SELECT name FROM sqlite_master") == [("theirs",)]


@on_loop
async def test_the_folder_is_made_where_there_is_none(tmp_path: Path) -> None:
    async with opened(tmp_path / "deep" / "er" / "agent.db") as store:
        assert (await store.office()).users == ()


@on_loop
async def test_a_path_that_cannot_be_a_file_is_a_reason(tmp_path: Path) -> None:
    (tmp_path / "agent.db").mkdir()
    (tmp_path / "file").touch()
    for path in (tmp_path / "agent.db", tmp_path / "file" / "agent.db"):
        with pytest.raises(StoreFailed) as failed:
            async with opened(path):
                pass
        assert failed.value.code == "store.unwritable"
