"""A new key for the vault: everything opens with it, whatever cuts the change and wherever."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from onvio_agent.contract.status import Role
from onvio_agent.errors import StoreFailed, VaultFailed
from onvio_agent.store import reseal
from onvio_agent.store.base import revocation_row, tokens_row
from onvio_agent.store.holds import Holds
from onvio_agent.store.key_places import PlaceClosed
from onvio_agent.store.sqlite import SqliteStore
from onvio_agent.store.sync_base import TOKEN_ROW, KeptToken, SyncClient, client_row
from onvio_agent.store.vault import Vault
from support.aio import on_loop
from support.store_parts import START, add_linked, files
from support.vault_parts import opened_vault, refusal

KILLS = 15


class Killed(BaseException):
    """The process ends here."""


async def fill(vault: Vault, store: SqliteStore) -> None:
    """One sealed value of each kind."""
    sealed = await vault.seal(b"tokens", row=tokens_row(1, 1))
    await add_linked(store, "chefe", role=Role.MANAGER, sealed=sealed)
    queued = await vault.seal(b"revoked", row=revocation_row(1))
    await store.queue_revocation(1, queued, at=START)
    key = await vault.seal(b"key", row=client_row(1))
    await store.sync.add_client(
        SyncClient(
            id=1,
            name="Padaria",
            cnpj="12ABC34501DE35",
            folder="/xml",
            told="{}",
            sealed=key,
            paused=False,
            trouble=None,
            added_at=START,
        )
    )
    token = await vault.seal(b"program", row=TOKEN_ROW)
    await store.sync.keep_token(
        KeptToken(sealed=token, expires_at=START, due_mono=0.0, set_mono=0.0)
    )


async def opened(vault: Vault, store: SqliteStore) -> list[bytes]:
    """What lies in the store, as the vault opens it."""
    tokens = await store.tokens(1, 1)
    kept = await store.sync.token()
    assert tokens is not None
    assert kept is not None
    (revocation,) = await store.revocations(10)
    (client,) = await store.sync.clients()
    return [
        await vault.open(tokens.sealed, row=tokens_row(1, 1)),
        await vault.open(revocation.sealed, row=revocation.row),
        await vault.open(client.sealed, row=client_row(1)),
        await vault.open(kept.sealed, row=TOKEN_ROW),
    ]


ALL = [b"tokens", b"revoked", b"key", b"program"]


@on_loop
async def test_everything_opens_with_the_new_key_and_nothing_with_the_old(tmp_path: Path) -> None:
    async with opened_vault(tmp_path) as (vault, store):
        await fill(vault, store)
        before, old = await vault.status(), (tmp_path / "vault.key").read_bytes()
        after = await vault.rotate()
        assert (after.kind, after.state) == ("file", "open")
        assert after.key_id != before.key_id
        assert await opened(vault, store) == ALL
        new = (tmp_path / "vault.key").read_bytes()
        assert new != old
        assert [path.name for path in files(tmp_path, "vault.key*")] == ["vault.key"]
    async with opened_vault(tmp_path) as (vault, store):
        assert await opened(vault, store) == ALL
        tokens = await store.tokens(1, 1)
        assert tokens is not None
        (tmp_path / "vault.key").write_bytes(old)
        vault.forget()
        assert await refusal(vault, tokens.sealed, tokens_row(1, 1)) == "vault.lost"


def cut(vault: Vault, store: SqliteStore, step: int, error: type[BaseException]) -> None:
    """Have the rotation end at its `step`-th touch of a key's place or of the store, before or after it."""
    touched = [0]

    def reached() -> None:
        touched[0] += 1
        if touched[0] == step:
            raise error

    def around(call: Callable[..., Any]) -> Callable[..., Any]:
        def cutting(*args: Any) -> Any:
            reached()
            result = call(*args)
            reached()
            return result

        return cutting

    for place in (vault._places["file"], vault._next_places["file"]):
        for name in ("read", "create", "replace", "remove"):
            setattr(place, name, around(getattr(place, name)))
    write = store._database.write
    store._database.write = around(write)  # type: ignore[method-assign]


@pytest.mark.parametrize("error", [Killed, PlaceClosed, OSError])
@on_loop
async def test_a_rotation_that_is_cut_anywhere_loses_nothing(
    tmp_path: Path, error: type[BaseException]
) -> None:
    async with opened_vault(tmp_path) as (vault, store):
        await fill(vault, store)
    ended = 0
    for step in range(1, 60):
        async with opened_vault(tmp_path) as (vault, store):
            cut(vault, store, step, error)
            try:
                await vault.rotate()
            except (Killed, VaultFailed, StoreFailed, PlaceClosed, OSError):
                ended += 1
        async with opened_vault(tmp_path) as (vault, store):
            assert await opened(vault, store) == ALL, step
    assert ended >= 8
    async with opened_vault(tmp_path) as (vault, store):
        await vault.rotate()
        assert await opened(vault, store) == ALL


@on_loop
async def test_what_was_read_before_a_rotation_is_opened_after_it(tmp_path: Path) -> None:
    async with opened_vault(tmp_path) as (vault, store):
        await fill(vault, store)
        read = await store.tokens(1, 1)
        assert read is not None
        await vault.rotate()
        await vault.rotate()
        assert await vault.open(read.sealed, row=tokens_row(1, 1)) == b"tokens"
    async with opened_vault(tmp_path) as (vault, _store):
        assert await refusal(vault, read.sealed, tokens_row(1, 1)) == "vault.lost"


@on_loop
async def test_a_key_that_cannot_be_had_is_not_replaced(tmp_path: Path) -> None:
    async with opened_vault(tmp_path) as (vault, store):
        await fill(vault, store)
        recorded, path = await store.vault_key(), tmp_path / "vault.key"
        path.rename(tmp_path / "away")
        vault.forget()
        with pytest.raises(VaultFailed) as caught:
            await vault.rotate()
        assert caught.value.code == "vault.locked"
        assert await store.vault_key() == recorded
        (tmp_path / "away").rename(path)
        assert await opened(vault, store) == ALL


@on_loop
async def test_before_the_first_seal_a_rotation_only_chooses_the_key(tmp_path: Path) -> None:
    async with opened_vault(tmp_path) as (vault, _store):
        assert (await vault.rotate()).state == "open"


@on_loop
async def test_a_value_that_was_closed_before_is_left_as_it_is(tmp_path: Path) -> None:
    async with opened_vault(tmp_path) as (vault, store):
        await fill(vault, store)
        await store.queue_revocation(1, b"damaged", at=START)
        await vault.rotate()
        assert b"damaged" in [each.sealed for each in await store.revocations(10)]


@on_loop
async def test_the_key_changes_only_while_nothing_is_between_sealed_and_stored() -> None:
    holds, order = Holds(), []
    release = asyncio.Event()

    async def hold(name: str, until: asyncio.Event | None = None) -> None:
        async with holds.hold():
            order.append(f"{name} in")
            if until is not None:
                await until.wait()
            order.append(f"{name} out")

    async def change() -> None:
        async with holds.alone():
            order.append("alone")
            await asyncio.sleep(0)
            order.append("done")

    tasks = [asyncio.ensure_future(hold("first", release)), asyncio.ensure_future(hold("second"))]
    await asyncio.sleep(0)
    tasks += [asyncio.ensure_future(change())]
    await asyncio.sleep(0)
    tasks += [asyncio.ensure_future(hold("late"))]
    await asyncio.sleep(0)
    release.set()
    await asyncio.gather(*tasks)
    assert order == ["first in", "second in", "second out", "first out", "alone", "done",
                     "late in", "late out"]  # fmt: skip


def test_every_sealed_column_is_sealed_anew(tmp_path: Path) -> None:
    async def make() -> None:
        async with opened_vault(tmp_path):
            pass

    asyncio.run(make())
    with sqlite3.connect(tmp_path / "agent.db") as db:
        names = [
            name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type='table'")
        ]
        sealed = [
            table
            for table in names
            if "sealed" in [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
        ]
    db.close()
    assert sorted(sealed) == sorted(reseal._UPDATE)


ROTATOR = """
import asyncio, sys
from pathlib import Path
from support.vault_parts import opened_vault

async def main(folder):
    async with opened_vault(folder) as (vault, store):
        while True:
            print((await vault.rotate()).key_id, flush=True)

asyncio.run(main(Path(sys.argv[1])))
"""


def test_a_killed_rotation_loses_nothing(tmp_path: Path) -> None:
    asyncio.run(filled(tmp_path))
    seen: dict[str, None] = {}
    for turn in range(KILLS):
        process = subprocess.Popen(
            [sys.executable, "-c", ROTATOR, str(tmp_path)],
            env={"PYTHONPATH": str(Path(__file__).parents[1])},
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.0013 * turn)  # a rotation takes some milliseconds
        process.kill()
        process.communicate()
        contents, key_id = asyncio.run(looked(tmp_path))
        assert contents == ALL
        seen[str(key_id)] = None
    assert len(seen) == KILLS


async def filled(folder: Path) -> None:
    async with opened_vault(folder) as (vault, store):
        await fill(vault, store)


async def looked(folder: Path) -> tuple[list[bytes], str | None]:
    async with opened_vault(folder) as (vault, store):
        return await opened(vault, store), (await vault.status()).key_id
