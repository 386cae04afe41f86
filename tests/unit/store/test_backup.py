"""Backups: consistent, without a session; a restore is whole, or nothing was done."""

from __future__ import annotations

import gzip
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from onvio_agent.contract.status import Role
from onvio_agent.errors import AgentError
from onvio_agent.store.backup import restore_backup, write_backup
from onvio_agent.store.base import VaultKey
from onvio_agent.store.database import connect
from support.aio import on_loop
from support.store_parts import START, add_linked, look, new_user, opened

SEALED = b"\x01sealed-canary-of-helena"


async def filled(path: Path) -> None:
    async with opened(path) as store:
        await add_linked(store, "helena", role=Role.MANAGER, sealed=SEALED)
        ana = await add_linked(store, "ana", sealed=SEALED)
        assert await store.inactivate(ana.id, 1, None, at=START)
        await store.set_vault_key(VaultKey(kind="file", key_id="0123abcd"))


def files(folder: Path) -> list[str]:
    """Without what SQLite keeps beside a file that somebody has read."""
    found = sorted(each.name for each in folder.iterdir())
    return [name for name in found if not name.endswith(("-wal", "-shm"))]


def names(path: Path) -> list[str]:
    return [str(name) for (name,) in look(path, "SELECT login FROM users ORDER BY id")]


def repack(backup: Path, target: Path, sql: str) -> Path:
    """That backup with `sql` run in it."""
    plain = target.with_suffix(".plain")
    plain.write_bytes(gzip.decompress(backup.read_bytes()))
    with closing(sqlite3.connect(plain, isolation_level=None)) as db:
        db.executescript(sql)
    target.write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()
    return target


@on_loop
async def test_it_is_consistent_while_the_agent_writes_and_holds_no_session(tmp_path: Path) -> None:
    path, target = tmp_path / "agent.db", tmp_path / "x.backup"
    await filled(path)
    async with opened(path) as store:
        await store.add_user(new_user("carla"), at=START)  # lies in -wal alone
        write_backup(path, target)
        await store.add_user(new_user("late"), at=START)
    data = gzip.decompress(target.read_bytes())
    assert SEALED not in data
    assert b"carla" in data
    assert b"late" not in data
    assert target.stat().st_mode & 0o077 == 0
    assert files(tmp_path) == ["agent.db", "x.backup"]


@on_loop
async def test_a_new_pc_has_users_and_history_and_asks_for_new_sign_ins(tmp_path: Path) -> None:
    path, target, there = tmp_path / "agent.db", tmp_path / "x.backup", tmp_path / "new" / "a.db"
    await filled(path)
    write_backup(path, target)
    assert restore_backup(target, there, lambda: START) is None
    async with opened(there) as store:
        office = await store.office()
        assert [user.login for user in office.users] == ["helena", "ana"]
        assert office.users[0].link.ended == "link.session_ended"
        assert office.users[0].link.confirmed
        assert await store.vault_key() is None
        assert await store.tokens(office.users[0].id, 1) is None
        assert not await store.revocations(9)


@on_loop
async def test_what_was_there_is_kept_aside_with_what_lay_in_its_wal(tmp_path: Path) -> None:
    path, target = tmp_path / "agent.db", tmp_path / "x.backup"
    await filled(path)
    write_backup(path, target)
    with closing(connect(path)) as db:
        db.execute("UPDATE users SET login = 'changed', login_key = 'changed' WHERE id = 2")
    for _turn in range(2):
        aside = restore_backup(target, path, lambda: START)
        assert aside is not None
        assert names(path) == ["helena", "ana"]
    kept = [tmp_path / each for each in files(tmp_path) if "replaced" in each]
    assert [names(each) for each in kept] == [["helena", "changed"], ["helena", "ana"]]


@on_loop
async def test_a_damaged_present_file_is_kept_and_replaced(tmp_path: Path) -> None:
    path, target = tmp_path / "agent.db", tmp_path / "x.backup"
    await filled(path)
    write_backup(path, target)
    path.write_bytes(b"rubbish" * 1000)
    path.with_name("agent.db-wal").write_bytes(b"rubbish")
    aside = restore_backup(target, path, lambda: START)
    assert aside is not None
    assert aside.read_bytes() == b"rubbish" * 1000
    assert names(path) == ["helena", "ana"]


def cut(backup: Path, bad: Path) -> None:
    bad.write_bytes(backup.read_bytes()[:-200])


def flipped(backup: Path, bad: Path) -> None:
    data = bytearray(backup.read_bytes())
    data[len(data) // 2] ^= 0x10
    bad.write_bytes(data)


def other_bytes(_backup: Path, bad: Path) -> None:
    bad.write_bytes(b"PK\x03\x04 ../../evil")


def no_database(_backup: Path, bad: Path) -> None:
    bad.write_bytes(gzip.compress(b"nothing of ours" * 100))


def of_another_program(backup: Path, bad: Path) -> None:
    repack(backup, bad, "PRAGMA application_id = 7;")


def with_a_trigger(backup: Path, bad: Path) -> None:
    planted = "CREATE TRIGGER t AFTER UPDATE ON users BEGIN DELETE FROM history; END;"
    repack(backup, bad, planted)


def newer(backup: Path, bad: Path) -> None:
    repack(backup, bad, "PRAGMA user_version = 4711;")


def with_an_orphan(backup: Path, bad: Path) -> None:
    repack(backup, bad, "PRAGMA foreign_keys = OFF; DELETE FROM users WHERE id = 1;")


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (cut, "backup.damaged"),
        (flipped, "backup.damaged"),
        (other_bytes, "backup.foreign"),
        (no_database, "backup.damaged"),
        (of_another_program, "backup.foreign"),
        (with_a_trigger, "backup.foreign"),
        (newer, "store.newer"),
        (with_an_orphan, "backup.damaged"),
    ],
)
@on_loop
async def test_a_bad_file_changes_nothing(tmp_path: Path, spoil: object, code: str) -> None:
    path, target, bad = tmp_path / "agent.db", tmp_path / "x.backup", tmp_path / "bad"
    await filled(path)
    write_backup(path, target)
    assert callable(spoil)
    spoil(target, bad)
    before = path.read_bytes()
    with pytest.raises(AgentError) as refused:
        restore_backup(bad, path, lambda: START)
    assert refused.value.code == code
    assert path.read_bytes() == before
    assert files(tmp_path) == ["agent.db", "bad", "x.backup"]


@on_loop
async def test_a_bomb_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    bad = tmp_path / "bad"
    bad.write_bytes(gzip.compress(b"\0" * 5_000_000))
    with pytest.raises(AgentError) as refused:
        restore_backup(bad, tmp_path / "agent.db", lambda: START, max_bytes=1_000_000)
    assert refused.value.code == "backup.too_large"
    assert files(tmp_path) == ["bad"]


@on_loop
async def test_no_file_is_written_over_and_none_made_of_nothing(tmp_path: Path) -> None:
    path = tmp_path / "agent.db"
    with pytest.raises(AgentError) as refused:
        write_backup(path, tmp_path / "x.backup")
    assert refused.value.code == "backup.nothing"
    await filled(path)
    with pytest.raises(AgentError) as refused:
        write_backup(path, path)
    assert refused.value.code == "backup.exists"
