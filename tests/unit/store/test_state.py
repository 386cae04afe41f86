from __future__ import annotations

from pathlib import Path

from onvio_agent.contract.status import Intent, IntentState
from onvio_agent.store.base import ManagerPassword, Retry, VaultKey
from support.aio import on_loop
from support.store_parts import START, later, opened


def retry(key: str, *, failures: int = 1, reason: str | None = "onvio.limited") -> Retry:
    return Retry(
        key=key,
        failures=failures,
        reason=reason,
        not_before=later(30),
        set_at=START,
        set_mono=None if reason is None else 1234.5,
    )


@on_loop
async def test_a_fresh_store_wants_to_run_and_knows_nothing_else(tmp_path: Path) -> None:
    async with opened(tmp_path / "agent.db") as store:
        assert await store.intent() == Intent(state=IntentState.RUN)
        assert list(await store.retries()) == []
        assert await store.manager_password() is None
        assert await store.vault_key() is None
        assert await store.corrupt_at() is None
        assert list(await store.history(subject=None, since=None, limit=9)) == []


@on_loop
async def test_a_pause_survives_a_restart_and_ends_without_a_trace(tmp_path: Path) -> None:
    path = tmp_path / "agent.db"
    paused = Intent(state=IntentState.PAUSED, until=later(600))
    async with opened(path) as store:
        await store.set_intent(paused, at=START)
    async with opened(path) as store:
        assert await store.intent() == paused
        await store.set_intent(Intent(state=IntentState.RUN, until=later(600)), at=later(5))
        assert await store.intent() == Intent(state=IntentState.RUN)


@on_loop
async def test_retries_survive_a_restart_one_for_each_key(tmp_path: Path) -> None:
    path = tmp_path / "agent.db"
    async with opened(path) as store:
        await store.set_retry(retry("link:2"))
        await store.set_retry(retry("auth", reason=None))
        await store.set_retry(retry("link:2", failures=4))
    async with opened(path) as store:
        assert list(await store.retries()) == [
            retry("auth", reason=None),
            retry("link:2", failures=4),
        ]
        await store.clear_retry("auth")
        await store.clear_retry("never set")
        assert [r.key for r in await store.retries()] == ["link:2"]


@on_loop
async def test_the_managers_password_is_replaced_whole(tmp_path: Path) -> None:
    async with opened(tmp_path / "agent.db") as store:
        await store.set_manager_password(ManagerPassword(hashed="$argon2id$a"))
        locked = ManagerPassword(hashed="$argon2id$a", failures=6, locked_until=later(30))
        await store.set_manager_password(locked)
        assert await store.manager_password() == locked


@on_loop
async def test_the_first_vault_key_stays_until_somebody_gives_it_up(tmp_path: Path) -> None:
    async with opened(tmp_path / "agent.db") as store:
        first = VaultKey(kind="keyring", key_id="0011aabb")
        second = VaultKey(kind="file", key_id="ffff0000")
        assert await store.set_vault_key(first) == first
        assert await store.set_vault_key(second) == first
        assert await store.replace_vault_key(second, first) == first
        assert await store.replace_vault_key(first, second) == second
        assert await store.vault_key() == second
