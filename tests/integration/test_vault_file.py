"""The vault with its key in a file, on a real store."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from onvio_agent.contract.vault import VaultStatus
from onvio_agent.errors import StoreFailed, VaultFailed
from onvio_agent.store.base import VaultKey
from support.aio import on_loop
from support.vault_parts import ROW, opened_vault, refusal


@on_loop
async def test_what_is_sealed_opens_again_also_after_a_restart(tmp_path: Path) -> None:
    async with opened_vault(tmp_path) as (vault, _):
        sealed = await vault.seal(b"refresh-token", row=ROW)
        assert await vault.open(sealed, row=ROW) == b"refresh-token"
    async with opened_vault(tmp_path) as (vault, _):
        assert await vault.open(sealed, row=ROW) == b"refresh-token"


@on_loop
async def test_the_kind_is_chosen_at_the_first_seal_and_recorded_with_the_keys_id(
    tmp_path: Path,
) -> None:
    async with opened_vault(tmp_path) as (vault, store):
        assert await vault.status() == VaultStatus(kind=None, key_id=None, state="unset")
        assert await store.vault_key() is None
        assert not (tmp_path / "vault.key").exists()
        await vault.seal(b"x", row=ROW)
        recorded = await store.vault_key()
        assert recorded is not None
        assert recorded.kind == "file"
        status = await vault.status()
        assert status == VaultStatus(kind="file", key_id=recorded.key_id, state="open")


@on_loop
async def test_opening_never_makes_a_key(tmp_path: Path) -> None:
    async with opened_vault(tmp_path) as (vault, store):
        assert await refusal(vault, b"anything") == "vault.lost"
        assert await store.vault_key() is None
        assert not (tmp_path / "vault.key").exists()


@on_loop
async def test_many_first_seals_at_once_share_one_key(tmp_path: Path) -> None:
    async with opened_vault(tmp_path) as (vault, _):
        rows = [f"tokens:{n}:1" for n in range(20)]
        sealed = await asyncio.gather(*(vault.seal(b"x", row=row) for row in rows))
        vault.forget()
        for row, value in zip(rows, sealed, strict=True):
            assert await vault.open(value, row=row) == b"x"


@on_loop
async def test_two_processes_that_seal_first_at_once_share_one_key(tmp_path: Path) -> None:
    async with (
        opened_vault(tmp_path) as (one, _),
        opened_vault(tmp_path) as (two, _),
    ):
        by_one, by_two = await asyncio.gather(one.seal(b"1", row=ROW), two.seal(b"2", row=ROW))
        assert await two.open(by_one, row=ROW) == b"1"
        assert await one.open(by_two, row=ROW) == b"2"


@on_loop
async def test_a_tampered_or_moved_row_is_lost(tmp_path: Path) -> None:
    async with opened_vault(tmp_path) as (vault, _):
        sealed = await vault.seal(b"x", row=ROW)
        assert await refusal(vault, sealed, "tokens:2:1") == "vault.lost"
        assert await refusal(vault, sealed[:-1] + bytes([sealed[-1] ^ 1])) == "vault.lost"
        assert await refusal(vault, b"") == "vault.lost"
        assert await refusal(vault, sealed) == "open"


@on_loop
async def test_an_absent_key_means_wait_and_comes_back_by_itself(tmp_path: Path) -> None:
    key_path, away = tmp_path / "vault.key", tmp_path / "away"
    async with opened_vault(tmp_path) as (vault, _):
        sealed = await vault.seal(b"x", row=ROW)
    key_path.rename(away)
    async with opened_vault(tmp_path) as (vault, _):
        assert await refusal(vault, sealed) == "vault.locked"
        assert (await vault.status()).state == "locked"
        for may_renew in (False, True):
            with pytest.raises(VaultFailed) as failed:
                await vault.seal(b"y", row=ROW, may_renew=may_renew)
            assert failed.value.code == "vault.locked"
        assert not key_path.exists()
        away.rename(key_path)
        assert await refusal(vault, sealed) == "open"


@on_loop
async def test_a_replaced_key_is_lost_and_only_a_person_starts_over(tmp_path: Path) -> None:
    key_path = tmp_path / "vault.key"
    async with opened_vault(tmp_path) as (vault, _):
        sealed = await vault.seal(b"x", row=ROW)
    key_path.write_bytes(b"another key of 32 bytes, foreign")
    async with opened_vault(tmp_path) as (vault, store):
        before = await store.vault_key()
        assert await refusal(vault, sealed) == "vault.lost"
        assert (await vault.status()).state == "lost"
        with pytest.raises(VaultFailed):
            await vault.seal(b"y", row=ROW)
        assert await store.vault_key() == before
        new = await vault.seal(b"y", row=ROW, may_renew=True)
        assert await store.vault_key() != before
        assert await vault.open(new, row=ROW) == b"y"
        assert await refusal(vault, sealed) == "vault.lost"
    assert key_path.read_bytes() == b"another key of 32 bytes, foreign"


@on_loop
@pytest.mark.parametrize("left", [None, b"", b"no key", b"another key of 32 bytes, foreign"])
async def test_the_key_in_use_is_there_for_the_next_start(
    tmp_path: Path, left: bytes | None
) -> None:
    key_path = tmp_path / "vault.key"
    async with opened_vault(tmp_path) as (vault, _):
        sealed = await vault.seal(b"x", row=ROW)
        key_path.unlink()
        if left is not None:
            key_path.write_bytes(left)
        await vault.keep()
    async with opened_vault(tmp_path) as (vault, _):
        assert await vault.open(sealed, row=ROW) == b"x"


@on_loop
async def test_a_store_that_cannot_be_asked_keeps_nobody_from_ending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuses() -> None:
        raise StoreFailed("store.corrupt")

    async with opened_vault(tmp_path) as (vault, store):
        await vault.keep()  # no key is in use yet
        await vault.seal(b"x", row=ROW)
        monkeypatch.setattr(store, "vault_key", refuses)
        await vault.keep()


@on_loop
async def test_a_person_may_give_up_an_absent_key_by_name(tmp_path: Path) -> None:
    async with opened_vault(tmp_path) as (vault, _):
        sealed = await vault.seal(b"x", row=ROW)
    (tmp_path / "vault.key").unlink()
    async with opened_vault(tmp_path) as (vault, store):
        await vault.renew()
        recorded = await store.vault_key()
        assert recorded is not None
        assert recorded.kind == "file"
        assert await refusal(vault, sealed) == "vault.lost"
        assert await refusal(vault, await vault.seal(b"y", row=ROW)) == "open"


@on_loop
async def test_a_key_that_outlived_its_store_is_taken_up_again(tmp_path: Path) -> None:
    async with opened_vault(tmp_path) as (vault, _):
        sealed = await vault.seal(b"x", row=ROW)
    (tmp_path / "agent.db").unlink()
    async with opened_vault(tmp_path) as (vault, _):
        await vault.seal(b"y", row=ROW)
        assert await refusal(vault, sealed) == "open"


@on_loop
async def test_the_recorded_kind_holds_whatever_the_settings_say_later(tmp_path: Path) -> None:
    async with opened_vault(tmp_path, kind="file") as (vault, _):
        sealed = await vault.seal(b"x", row=ROW)
    async with opened_vault(tmp_path, kind="keyring") as (vault, _):
        assert await refusal(vault, sealed) == "open"
        assert (await vault.status()).kind == "file"


@on_loop
async def test_a_key_file_that_cannot_be_read_or_made_is_a_reason(tmp_path: Path) -> None:
    async with opened_vault(tmp_path, key_name="agent.db/vault.key") as (vault, store):
        with pytest.raises(StoreFailed) as failed:
            await vault.seal(b"x", row=ROW)
        assert failed.value.code == "store.unwritable"
        assert await store.vault_key() is None


@on_loop
async def test_forgetting_drops_the_key_from_memory(tmp_path: Path) -> None:
    async with opened_vault(tmp_path) as (vault, store):
        sealed = await vault.seal(b"x", row=ROW)
        (tmp_path / "vault.key").unlink()
        assert await refusal(vault, sealed) == "open"
        vault.forget()
        assert await refusal(vault, sealed) == "vault.locked"
        assert isinstance(await store.vault_key(), VaultKey)


def test_neither_keyring_nor_cryptography_is_imported_before_the_first_use() -> None:
    script = (
        "import sys, onvio_agent.store.vault, onvio_agent.store.sqlite, onvio_agent.store.exec\n"
        "print([m for m in ('keyring', 'cryptography', 'secretstorage') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
