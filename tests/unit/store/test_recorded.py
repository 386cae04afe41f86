"""Data files that earlier versions wrote, each by its own code, opened by this one.

`tests/data/stores/schema-N.db.gz` with the key of its sealed tokens. A new schema adds its file here.
"""

from __future__ import annotations

import gzip
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from onvio_agent.chance import SystemEntropy
from onvio_agent.contract.status import Role
from onvio_agent.errors import StoreFailed
from onvio_agent.store.base import tokens_row
from onvio_agent.store.copies import KEPT_COPIES, kept_before_upgrade
from onvio_agent.store.database import connect
from onvio_agent.store.exec import ThreadExec
from onvio_agent.store.migrate import known, version
from onvio_agent.store.sqlite import open_store
from onvio_agent.store.vault import Vault
from support.aio import on_loop
from support.store_parts import START, look, opened

RECORDED = Path(__file__).parents[2] / "data" / "stores"
SCHEMAS = [step.number for step in known()]
OLD = SCHEMAS[:-1]


def lay_down(schema: int, folder: Path) -> Path:
    """The recorded file with its key; returns its path."""
    path = folder / "agent.db"
    path.write_bytes(gzip.decompress((RECORDED / f"schema-{schema}.db.gz").read_bytes()))
    (folder / "vault.key").write_bytes((RECORDED / f"schema-{schema}.key").read_bytes())
    return path


def drafts(folder: Path) -> list[Path]:
    return list(folder.glob("*.part"))


@pytest.mark.parametrize("schema", SCHEMAS)
@on_loop
async def test_users_links_tokens_and_queue_of_every_schema_outlive_the_upgrade(
    tmp_path: Path, schema: int
) -> None:
    path = lay_down(schema, tmp_path)
    exec_ = ThreadExec()
    store = await open_store(path, exec_, clock_wall=lambda: START)
    vault = Vault(
        store,
        exec_,
        kind="file",
        key_path=tmp_path / "vault.key",
        random_bytes=SystemEntropy().random_bytes,
    )
    office = await store.office()
    assert [user.login for user in office.users] == ["helena", "ana", "davi", "carla"]
    assert office.manager is not None
    assert office.manager.role is Role.MANAGER
    for user in office.users[:2]:
        tokens = await store.tokens(user.id, 1)
        assert tokens is not None
        opened_ = await vault.open(tokens.sealed, row=tokens_row(user.id, 1))
        assert opened_ == f"tokens of {user.login}".encode()
    (waiting,) = await store.revocations(10)
    assert await vault.open(waiting.sealed, row=waiting.row) == b"tokens of davi"
    assert len(await store.history(subject="ana", since=None, limit=9)) == 3
    assert (await store.intent()).until == START.replace(microsecond=0) + timedelta(hours=1)
    assert await store.manager_password() is not None
    assert len(await store.retries()) == 1
    if schema >= 4:
        (client,) = await store.sync.clients()
        assert await store.sync.unsent(client.id) == 1
    if schema >= 6:
        assert office.users[3].link.expected_email == "carla@office.example"
    await store.close()
    await exec_.close()
    assert look(path, "PRAGMA user_version") == [(SCHEMAS[-1],)]


@pytest.mark.parametrize("schema", OLD)
@on_loop
async def test_the_file_from_before_an_upgrade_lies_beside_it(tmp_path: Path, schema: int) -> None:
    path = lay_down(schema, tmp_path)
    before = look(path, "SELECT * FROM users")
    async with opened(path):
        pass
    copy = tmp_path / f"agent.db.schema-{schema}"
    assert kept_before_upgrade(path) == [copy]
    assert look(copy, "PRAGMA user_version") == [(schema,)]
    assert look(copy, "SELECT * FROM users") == before
    assert copy.stat().st_mode & 0o077 == 0
    assert drafts(tmp_path) == []


@on_loop
async def test_what_is_not_yet_written_back_is_in_the_copy_too(tmp_path: Path) -> None:
    path = lay_down(1, tmp_path)
    with closing(connect(path)) as db:
        db.execute("UPDATE users SET name = 'Ana Moreira' WHERE login = 'ana'")
        async with opened(path):
            pass
    copy = tmp_path / "agent.db.schema-1"
    assert look(copy, "SELECT name FROM users WHERE login = 'ana'") == [("Ana Moreira",)]


@on_loop
async def test_no_more_than_some_copies_are_kept(tmp_path: Path) -> None:
    path = lay_down(OLD[-1], tmp_path)
    for number in range(KEPT_COPIES + 2):
        (tmp_path / f"agent.db.schema-0{number}").write_bytes(b"older")
    async with opened(path):
        pass
    kept = [each.name for each in kept_before_upgrade(path)]
    assert len(kept) == KEPT_COPIES
    assert len({*kept} & {f"agent.db.schema-{OLD[-1]}", "agent.db.schema-04"}) == 2


@on_loop
async def test_an_up_to_date_file_is_not_copied(tmp_path: Path) -> None:
    path = lay_down(SCHEMAS[-1], tmp_path)
    async with opened(path):
        pass
    assert kept_before_upgrade(path) == []


@on_loop
async def test_without_a_copy_nothing_is_upgraded(tmp_path: Path) -> None:
    path = lay_down(2, tmp_path)
    (tmp_path / "agent.db.schema-2").mkdir()  # nothing can take its place
    with pytest.raises(StoreFailed):
        async with opened(path):
            pass
    with closing(connect(path)) as db:
        assert version(db) == 2
    assert drafts(tmp_path) == []
