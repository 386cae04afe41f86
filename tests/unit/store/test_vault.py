from __future__ import annotations

import threading
from pathlib import Path

import pytest

from onvio_agent.errors import VaultFailed
from onvio_agent.store.base import VaultKey
from onvio_agent.store.key_places import PlaceClosed
from support.aio import on_loop
from support.vault_parts import ROW, opened_vault, refusal


class HangingKeyring:
    """A keyring that has opened a prompt and waits for a person."""

    kind = "keyring"

    def __init__(self) -> None:
        self.answered = threading.Event()
        self.asked = 0

    def read(self) -> bytes | None:
        self.asked += 1
        self.answered.wait(30)
        return None

    def create(self, key: bytes) -> bytes:
        self.asked += 1
        self.answered.wait(30)
        raise PlaceClosed


@on_loop
async def test_a_keyring_that_waits_for_a_person_is_given_up_for_the_file_at_the_first_seal(
    tmp_path: Path,
) -> None:
    keyring = HangingKeyring()
    async with opened_vault(tmp_path, kind="auto", keyring_timeout_s=0.05) as (vault, store):
        vault._places["keyring"] = keyring
        assert await refusal(vault, await vault.seal(b"x", row=ROW)) == "open"
        recorded = await store.vault_key()
        assert recorded is not None
        assert recorded.kind == "file"
        keyring.answered.set()


@on_loop
async def test_a_recorded_keyring_that_hangs_is_locked_and_is_not_asked_twice_at_once(
    tmp_path: Path,
) -> None:
    keyring = HangingKeyring()
    async with opened_vault(tmp_path, kind="auto", keyring_timeout_s=0.05) as (vault, store):
        vault._places["keyring"] = keyring
        await store.set_vault_key(VaultKey(kind="keyring", key_id="00112233"))
        for _ in range(5):
            assert await refusal(vault, b"sealed") == "vault.locked"
        assert keyring.asked == 1
        keyring.answered.set()


@on_loop
async def test_a_keyring_that_was_asked_for_by_name_has_no_substitute(tmp_path: Path) -> None:
    keyring = HangingKeyring()
    keyring.answered.set()
    async with opened_vault(tmp_path, kind="keyring") as (vault, store):
        vault._places["keyring"] = keyring
        with pytest.raises(VaultFailed) as failed:
            await vault.seal(b"x", row=ROW)
        assert failed.value.code == "vault.locked"
        assert await store.vault_key() is None
