from __future__ import annotations

import asyncio
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from onvio_agent.contract.status import Intent, IntentState, Role
from onvio_agent.errors import Refused, StoreFailed
from onvio_agent.store.base import ManagerPassword, Retry, VaultKey
from onvio_agent.store.database import BUSY_TIMEOUT_MS, Database, connect
from onvio_agent.store.sqlite import SqliteStore
from support.aio import on_loop
from support.store_parts import (
    START,
    account,
    add_linked,
    files,
    later,
    new_user,
    opened,
    with_link,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "plain.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT NOT NULL)")
    return path


def test_the_promises_of_the_file_are_switched_on(path: Path) -> None:
    with closing(connect(path)) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert db.execute("PRAGMA synchronous").fetchone() == (2,)
        assert db.execute("PRAGMA foreign_keys").fetchone() == (1,)
        assert db.execute("PRAGMA busy_timeout").fetchone() == (BUSY_TIMEOUT_MS,)


def test_a_transaction_that_breaks_in_the_middle_leaves_nothing(path: Path) -> None:
    database = Database(connect(path), path)

    def half(db: sqlite3.Connection) -> None:
        db.execute("INSERT INTO t (b) VALUES ('x')")
        raise Refused("user.exists", login="x")

    with pytest.raises(Refused):
        database.write(half)
    assert database.read(lambda db: db.execute("SELECT count(*) FROM t").fetchone()) == (0,)
    database.write(lambda db: db.execute("INSERT INTO t (b) VALUES ('y')"))
    assert database.read(lambda db: db.execute("SELECT b FROM t").fetchall()) == [("y",)]
    database.close()


def test_no_error_of_sqlite_leaves_as_it_is(path: Path) -> None:
    database = Database(connect(path), path)
    for sql in ("INSERT INTO t (b) VALUES (NULL)", "SELECT * FROM nowhere", "not sql"):
        with pytest.raises(StoreFailed):
            database.write(lambda db, sql=sql: db.execute(sql))
    database.close()
    with pytest.raises(StoreFailed):
        database.read(lambda db: db.execute("SELECT 1"))


def data_version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA data_version").fetchone()[0])


@on_loop
async def test_a_write_that_changes_nothing_commits_nothing(tmp_path: Path) -> None:
    path = tmp_path / "agent.db"
    async with opened(path) as store:
        await add_linked(store, "chefe", role=Role.MANAGER)
        ana = await add_linked(store, "ana")
        retry = Retry(key="api", failures=1, reason=None, not_before=later(9), set_at=START)
        pause = Intent(state=IntentState.PAUSED, until=later(9))
        password = ManagerPassword(hashed="$argon2id$x")
        key = VaultKey(kind="file", key_id="00112233")
        await store.set_retry(retry)
        await store.set_intent(pause, at=START)
        await store.set_manager_password(password)
        await store.set_vault_key(key)
        await store.end_link(ana.id, 1, "link.account_disabled", keep_tokens=True)
        with closing(sqlite3.connect(path)) as watcher:
            before = data_version(watcher)
            await store.set_retry(retry)
            await store.set_intent(pause, at=START)
            await store.set_manager_password(password)
            await store.set_vault_key(key)
            await store.clear_retry("auth")
            await store.confirm_portal(ana.id, 1, at=later(5))
            await store.end_link(ana.id, 1, "link.account_disabled", keep_tokens=True)
            await store.update_account(ana.id, 1, account("ana"), at=START)
            await store.report_email(ana.id, 1, None, at=START)
            await store.report_email(ana.id, 1, account("ana").email, at=START)
            await store.save_link(ana.id, 0, with_link(ana, account("x")), b"", at=START)
            await store.inactivate(ana.id, 7, None, at=START)
            await store.activate(ana.id, at=START)
            await store.promote(ana.id, at=START)
            await store.start_refresh(ana.id, 1, 9, at=START)
            await store.store_refreshed(ana.id, 1, 9, b"", None, at=START)
            await store.revocation_done(9)
            await store.acknowledge_corrupt()
            await store.add_transitions([])
            assert data_version(watcher) == before
            await store.clear_retry("api")
            assert data_version(watcher) != before


@on_loop
async def test_a_file_held_by_another_process_is_waited_for_but_not_for_ever(
    tmp_path: Path,
) -> None:
    path = tmp_path / "agent.db"
    async with opened(path) as store:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            waiting = asyncio.create_task(store.add_user(new_user("ana"), at=START))
            assert (await asyncio.wait_for(_refused(waiting), 30)).code == "store.unwritable"
            other.execute("ROLLBACK")
        await store.add_user(new_user("ana"), at=START)


async def _refused(task: asyncio.Task[object]) -> StoreFailed:
    with pytest.raises(StoreFailed) as failed:
        await task
    return failed.value


@on_loop
async def test_two_writers_take_turns_and_the_constraints_hold_for_both(tmp_path: Path) -> None:
    path = tmp_path / "agent.db"
    async with opened(path) as one, opened(path) as two:

        async def add(store: SqliteStore, login: str) -> bool:
            try:
                await store.add_user(new_user(login), at=START)
            except Refused:
                return False
            return True

        asked = [add(store, f"user{n}") for n in range(20) for store in (one, two)]
        answers = await asyncio.gather(*asked)
        assert sum(answers) == 20
        ana = await add_linked(one, "ana", sealed=b"first")
        linked = with_link(ana, msgspec.structs.replace(account("ana"), name="again"))
        both = await asyncio.gather(
            one.save_link(ana.id, 1, linked, b"one", at=START),
            two.save_link(ana.id, 1, linked, b"two", at=START),
        )
        assert sorted(both) == [False, True]
        assert len(await one.revocations(10)) == 1


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
@on_loop
async def test_nobody_else_can_read_the_data_file_or_what_lies_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "agent.db"
    old_mask = os.umask(0o000)
    try:
        async with opened(path) as store:
            await store.add_user(new_user("ana"), at=START)
            for file in files(tmp_path):
                assert file.stat().st_mode & 0o777 == 0o600, file
        path.chmod(0o644)
        async with opened(path):
            assert path.stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(old_mask)
