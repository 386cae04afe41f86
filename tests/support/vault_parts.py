"""Real vaults for tests."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from onvio_agent.errors import VaultFailed
from onvio_agent.store.exec import ThreadExec
from onvio_agent.store.sqlite import SqliteStore, open_store
from onvio_agent.store.vault import Vault
from support.store_parts import START

ROW = "tokens:1:1"


@asynccontextmanager
async def opened_vault(
    folder: Path,
    *,
    kind: str = "file",
    keyring_timeout_s: float = 10.0,
    key_name: str = "vault.key",
) -> AsyncIterator[tuple[Vault, SqliteStore]]:
    """A vault on the store of that folder, as an agent that has just been started has it."""
    exec_ = ThreadExec()
    store = await open_store(folder / "agent.db", exec_, clock_wall=lambda: START)
    vault = Vault(
        store,
        exec_,
        kind=kind,
        key_path=folder / key_name,
        random_bytes=os.urandom,
        keyring_timeout_s=keyring_timeout_s,
    )
    yield vault, store
    await store.close()
    await exec_.close()


async def refusal(vault: Vault, sealed: bytes, row: str = ROW) -> str:
    """The code with which the vault keeps `sealed` closed; `open` where it does not."""
    try:
        await vault.open(sealed, row=row)
    except VaultFailed as failed:
        return failed.code
    return "open"
