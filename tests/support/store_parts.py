"""Real stores for tests, and the people that lie in them."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from onvio_agent.contract.status import Role
from onvio_agent.office.model import Account, Link, OnvioRole, User
from onvio_agent.store.exec import ThreadExec
from onvio_agent.store.sqlite import SqliteStore, open_store
from onvio_agent.store.sync_base import SyncClient

START = datetime(2031, 3, 4, 12, 30, 0, 123456, tzinfo=UTC)
"""Some instant; nothing may depend on which."""

CLIENT = SyncClient(
    id=1, name="Padaria", cnpj="12ABC34501DE35", folder="/xml", told="{}", sealed=b"s",
    paused=False, trouble=None, added_at=START,
)  # fmt: skip
"""A company whose documents are delivered."""


def later(seconds: float) -> datetime:
    """`seconds` after `START`."""
    return START + timedelta(seconds=seconds)


@asynccontextmanager
async def opened(path: Path, *, wall: datetime = START) -> AsyncIterator[SqliteStore]:
    """The store at `path` on a writer thread of its own, closed in the end."""
    exec_ = ThreadExec()
    try:
        store = await open_store(path, exec_, clock_wall=lambda: wall)
        try:
            yield store
        finally:
            await store.close()
    finally:
        await exec_.close()


def new_user(login: str, *, role: Role = Role.STANDARD) -> User:
    """A user as `add_user` takes one."""
    return User(id=0, login=login, name=login.title(), role=role)


def account(name: str, *, sub: str | None = None, issuer: str = "https://auth.test/") -> Account:
    """An ONVIO account of `name`."""
    return Account(
        issuer=issuer,
        sub=sub or f"auth0|{name}",
        email=f"{name}@office.example",
        name=name.title(),
        role=OnvioRole.STAFF,
        office_cnpj="12ABC34501DE35",
    )


def with_link(user: User, linked: Account, **fields: object) -> User:
    """`user` with that account on its link, as `save_link` takes one."""
    return msgspec.structs.replace(user, link=Link(account=linked, **fields))  # type: ignore[arg-type]


async def add_linked(
    store: SqliteStore,
    login: str,
    *,
    role: Role = Role.STANDARD,
    sealed: bytes | None = b"sealed",
    confirmed: bool = True,
) -> User:
    """A user linked to the account of the same name, generation 1."""
    user = await store.add_user(new_user(login, role=role), at=START)
    assert await store.save_link(user.id, 0, with_link(user, account(login)), sealed, at=START)
    if confirmed:
        assert await store.confirm_portal(user.id, 1, at=START)
    return await stored(store, user.id)


async def stored(store: SqliteStore, user_id: int) -> User:
    """That user as the store has it now."""
    user = (await store.office()).by_id(user_id)
    assert user is not None
    return user


def look(path: Path, sql: str) -> list[tuple[object, ...]]:
    """What another connection reads from the data file."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def files(folder: Path, pattern: str = "*") -> list[Path]:
    """What lies in a folder, by name."""
    return sorted(folder.glob(pattern))
