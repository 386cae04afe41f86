"""The store on SQLite: one public method, one transaction, all of them in the writer thread.

Only composes: the SQL lies beside the tables, what spans tables in `people`. Remembers nothing.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from onvio_agent.contract.status import Intent
from onvio_agent.errors import StoreFailed
from onvio_agent.office.model import Account, Office, User
from onvio_agent.office.user_cells import Row
from onvio_agent.office.user_import import Plan
from onvio_agent.store import (
    history,
    links,
    people,
    person,
    reseal,
    revocations,
    state,
    tokens,
    users,
)
from onvio_agent.store.base import (
    Exec,
    ManagerPassword,
    Retry,
    Revocation,
    Tokens,
    Transition,
    VaultKey,
    revocation_row,
)
from onvio_agent.store.database import Database
from onvio_agent.store.open import open_database
from onvio_agent.store.sync_sqlite import SqliteSync

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]


async def open_store(path: Path, exec_: Exec, *, clock_wall: Callable[[], datetime]) -> SqliteStore:
    """The store at `path`, made, migrated and checked; a damaged file is set aside first, which
    `corrupt_at` then tells. Raises `StoreFailed`: store.newer, store.full, store.unwritable."""
    database = await exec_.run(lambda: open_database(path, clock_wall))
    return SqliteStore(database, exec_)


class SqliteStore:
    """`store.base.Store`; see there for what each method promises."""

    def __init__(self, database: Database, exec_: Exec) -> None:
        self._database = database
        self._exec = exec_

    async def _read(self, work: Work[T]) -> T:
        return await self._exec.run(lambda: self._database.read(work))

    async def _write(self, work: Work[T]) -> T:
        return await self._exec.run(lambda: self._database.write(work))

    async def close(self) -> None:
        await self._exec.run(self._database.close)

    @property
    def sync(self) -> SqliteSync:
        return SqliteSync(self._read, self._write)

    # -- people
    async def office(self) -> Office:
        return await self._read(links.office)

    async def add_user(self, user: User, *, at: datetime) -> User:
        return await self._write(lambda db: people.add_user(db, user, at))

    async def import_users(self, rows: Sequence[Row], *, skip_bad: bool, at: datetime) -> Plan:
        return await self._write(lambda db: people.import_users(db, rows, skip_bad, at))

    async def rename(self, user_id: int, name: str, *, at: datetime) -> bool:
        return await self._write(lambda db: users.rename(db, user_id, name, at))

    async def save_link(
        self, user_id: int, generation: int, user: User, sealed: bytes | None, *, at: datetime
    ) -> bool:
        return await self._write(
            lambda db: people.save_link(db, user_id, generation, user, sealed, at)
        )

    async def confirm_portal(self, user_id: int, generation: int, *, at: datetime) -> bool:
        return await self._write(lambda db: people.confirm_portal(db, user_id, generation, at))

    async def end_link(
        self, user_id: int, generation: int, reason: str, *, keep_tokens: bool
    ) -> bool:
        return await self._write(
            lambda db: people.end_link(db, user_id, generation, reason, keep_tokens=keep_tokens)
        )

    async def reopen_link(self, user_id: int, generation: int) -> bool:
        return await self._write(lambda db: people.reopen_link(db, user_id, generation))

    async def inactivate(
        self, user_id: int, generation: int, successor_id: int | None, *, at: datetime
    ) -> bool:
        return await self._write(
            lambda db: people.inactivate(db, user_id, generation, successor_id, at)
        )

    async def activate(self, user_id: int, *, at: datetime) -> bool:
        return await self._write(lambda db: people.activate(db, user_id, at))

    async def promote(self, user_id: int, confirmed_by: str | None = None, *, at: datetime) -> bool:
        return await self._write(lambda db: people.promote(db, user_id, confirmed_by, at))

    async def update_account(
        self, user_id: int, generation: int, account: Account, *, at: datetime
    ) -> bool:
        return await self._write(
            lambda db: people.update_account(db, user_id, generation, account, at)
        )

    async def report_email(
        self, user_id: int, generation: int, email: str | None, *, at: datetime
    ) -> dict[int, str]:
        return await self._write(lambda db: people.report_email(db, user_id, generation, email, at))

    async def person(self, user_id: int) -> Mapping[str, Sequence[Mapping[str, object]]]:
        return await self._read(lambda db: person.everything(db, user_id))

    async def erase(self, user_id: int, generation: int) -> bool:
        done = await self._write(lambda db: person.erase(db, user_id, generation))
        # Else the write-ahead log keeps the erased rows until its next turn, as where the disk is full.
        with contextlib.suppress(StoreFailed):
            await self._read(lambda db: db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone())
        return done

    # -- tokens
    async def tokens(self, user_id: int, generation: int) -> Tokens | None:
        return await self._read(lambda db: tokens.get(db, user_id, generation))

    async def start_refresh(
        self, user_id: int, generation: int, serial: int, *, at: datetime
    ) -> bool:
        return await self._write(
            lambda db: tokens.start_refresh(db, user_id, generation, serial, at)
        )

    async def store_refreshed(
        self,
        user_id: int,
        generation: int,
        serial: int,
        sealed: bytes,
        orphan: bytes | None,
        *,
        at: datetime,
    ) -> bool:
        left = None if orphan is None else (orphan, revocation_row(user_id))
        return await self._write(
            lambda db: people.store_refreshed(db, user_id, generation, serial, sealed, left, at)
        )

    # -- revocations
    async def end_sessions(self, *, at: datetime) -> Sequence[User]:
        return await self._write(lambda db: people.end_sessions(db, at))

    async def revocations_waiting(self) -> int:
        return await self._read(revocations.count)

    async def revocations(self, limit: int) -> Sequence[Revocation]:
        return await self._read(lambda db: revocations.waiting(db, limit))

    async def queue_revocation(self, user_id: int, sealed: bytes, *, at: datetime) -> None:
        row = revocation_row(user_id)
        await self._write(lambda db: revocations.queue(db, user_id, sealed, row, at))

    async def revocation_done(self, revocation_id: int) -> None:
        await self._write(lambda db: revocations.done(db, revocation_id))

    async def revocation_failed(self, revocation_id: int) -> None:
        await self._write(lambda db: revocations.failed(db, revocation_id))

    # -- small state
    async def intent(self) -> Intent:
        return await self._read(state.intent)

    async def intent_set_at(self) -> datetime | None:
        return await self._read(state.intent_set_at)

    async def set_intent(self, intent: Intent, *, at: datetime) -> None:
        await self._write(lambda db: state.set_intent(db, intent, at))

    async def retries(self) -> Sequence[Retry]:
        return await self._read(state.retries)

    async def set_retry(self, retry: Retry) -> None:
        await self._write(lambda db: state.set_retry(db, retry))

    async def clear_retry(self, key: str) -> None:
        await self._write(lambda db: state.clear_retry(db, key))

    async def manager_password(self) -> ManagerPassword | None:
        return await self._read(state.manager_password)

    async def set_manager_password(self, password: ManagerPassword) -> None:
        await self._write(lambda db: state.set_manager_password(db, password))

    async def vault_key(self) -> VaultKey | None:
        return await self._read(state.vault_key)

    async def set_vault_key(self, key: VaultKey) -> VaultKey:
        return await self._write(lambda db: state.set_vault_key(db, key))

    async def reseal(
        self, old: VaultKey, new: VaultKey, again: Callable[[bytes, str], bytes]
    ) -> bool:
        return await self._write(lambda db: reseal.reseal(db, old, new, again))

    async def replace_vault_key(self, old: VaultKey, new: VaultKey) -> VaultKey:
        return await self._write(lambda db: state.replace_vault_key(db, old, new))

    async def corrupt_at(self) -> datetime | None:
        return await self._read(state.corrupt_at)

    async def acknowledge_corrupt(self) -> None:
        await self._write(state.acknowledge_corrupt)

    # -- history
    async def add_transitions(self, transitions: Sequence[Transition]) -> None:
        await self._write(lambda db: history.add(db, transitions))

    async def history(
        self,
        *,
        subject: str | None,
        since: datetime | None,
        until: datetime | None = None,
        limit: int,
    ) -> Sequence[Transition]:
        return await self._read(
            lambda db: history.newest(db, subject=subject, since=since, until=until, limit=limit)
        )

    async def prune_history(self, before: datetime, batch: int) -> int:
        return await self._write(lambda db: history.prune(db, before, batch))
