from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from onvio_agent.errors import StoreFailed
from onvio_agent.office.model import Link, Vouched
from onvio_agent.store.migrate import APPLICATION_ID, Migration, known, migrate, version
from support.aio import on_loop
from support.store_parts import START, account, look, opened, with_link

ONE = Migration(1, "one", "CREATE TABLE one (a INTEGER) STRICT; INSERT INTO one VALUES (7);")
TWO = Migration(2, "two", "ALTER TABLE one ADD COLUMN b INTEGER; UPDATE one SET b = a * 2;")
BROKEN = Migration(
    2, "broken", "ALTER TABLE one ADD COLUMN b INTEGER; INSERT INTO nowhere VALUES (1);"
)


def connection(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None)


def test_only_missing_steps_run_and_each_once(tmp_path: Path) -> None:
    with closing(connection(tmp_path / "x.db")) as db:
        assert migrate(db, [ONE], tmp_path) == 0
        assert migrate(db, [ONE, TWO], tmp_path) == 1
        assert migrate(db, [ONE, TWO], tmp_path) == 2
        assert db.execute("SELECT a, b FROM one").fetchall() == [(7, 14)]
        assert version(db) == 2


def test_a_step_that_breaks_leaves_nothing_of_itself(tmp_path: Path) -> None:
    with closing(connection(tmp_path / "x.db")) as db:
        migrate(db, [ONE], tmp_path)
        with pytest.raises(sqlite3.Error):
            migrate(db, [ONE, BROKEN], tmp_path)
        assert version(db) == 1
        assert [row[1] for row in db.execute("PRAGMA table_info(one)")] == ["a"]
        assert not db.in_transaction


def test_a_file_of_a_newer_version_is_refused_untouched(tmp_path: Path) -> None:
    with closing(connection(tmp_path / "x.db")) as db:
        db.execute("PRAGMA user_version = 9")
        with pytest.raises(StoreFailed) as refused:
            migrate(db, [ONE], tmp_path)
        assert refused.value.code == "store.newer"
        assert version(db) == 9


def test_our_own_migrations_are_numbered_without_a_gap_and_ask_for_no_time_or_chance() -> None:
    steps = known()
    assert [step.number for step in steps] == list(range(1, len(steps) + 1))
    for step in steps:
        sql = "\n".join(line.split("--")[0] for line in step.sql.splitlines()).lower()
        for word in ("current_timestamp", "datetime(", "'now'", "random(", "julianday"):
            assert word not in sql


def test_a_missing_number_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "0001_a.sql").write_text("SELECT 1;")
    (tmp_path / "0003_c.sql").write_text("SELECT 1;")
    with pytest.raises(ValueError, match="numbered"):
        known(tmp_path)


@on_loop
async def test_a_new_store_is_of_the_newest_version_and_says_whose_it_is(tmp_path: Path) -> None:
    path = tmp_path / "agent.db"
    async with opened(path):
        pass
    assert look(path, "PRAGMA user_version") == [(len(known()),)]
    assert look(path, "PRAGMA application_id") == [(APPLICATION_ID,)]
    tables = look(path, "SELECT sql FROM sqlite_master WHERE type = 'table' AND sql IS NOT NULL")
    for (sql,) in tables:
        assert "sqlite_sequence" in str(sql) or "STRICT" in str(sql)


@on_loop
async def test_a_link_of_the_schema_before_has_nobody_who_vouched_for_its_office(
    tmp_path: Path,
) -> None:
    path = tmp_path / "agent.db"
    with closing(connection(path)) as db:
        migrate(db, known()[:4], path)
        db.executescript("""
            INSERT INTO users VALUES (1, 'ana', 'ana', 'Ana', 'standard', 'active', 1, 0, 5, 5);
            INSERT INTO links (user_id, generation, issuer, sub, email, email_key, account_role,
                confirmed, linked_at) VALUES (1, 1, 'i', 's', 'a@b.c', 'a@b.c', 'staff', 0, 5);
            INSERT INTO users VALUES (2, 'bia', 'bia', 'Bia', 'standard', 'active', 0, 0, 5, 5);
            INSERT INTO links (user_id, generation, confirmed) VALUES (2, 0, 0);
        """)
    async with opened(path) as store:
        ana, bia = (await store.office()).users
        assert ana.link.account is not None
        assert ana.link.account.email == "a@b.c"
        assert (ana.link.office_vouched, bia.link) == (None, Link())
        vouched = Vouched("ger", START)
        linked = with_link(ana, account("ana"), office_vouched=vouched)
        assert await store.save_link(1, 1, linked, b"sealed", at=START)
    async with opened(path) as store:
        assert (await store.office()).users[0].link.office_vouched == vouched
