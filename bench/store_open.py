"""How long the store takes to open with 300 users and a million rows of history, and to commit.

Run: .venv/bin/python bench/store_open.py [ROWS]
Prints one JSON line; times in milliseconds, medians. The folder is a temporary one.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from onvio_agent.contract.status import Role
from onvio_agent.office.model import Account, Link, User
from onvio_agent.store.base import Transition
from onvio_agent.store.exec import ThreadExec
from onvio_agent.store.sqlite import SqliteStore, open_store

USERS = 300
OPENINGS = 15
COMMITS = 100
BATCH = 20_000
START = datetime(2031, 1, 1, tzinfo=UTC)


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(asyncio.run(measure(Path(folder) / "agent.db", rows))))


async def measure(path: Path, rows: int) -> dict[str, float]:
    exec_ = ThreadExec()
    store = await opened(path, exec_)
    await fill(store, rows)
    await store.close()
    openings = []
    for _ in range(OPENINGS):
        began = time.perf_counter()
        store = await opened(path, exec_)
        openings.append(time.perf_counter() - began)
        await store.close()
    store = await opened(path, exec_)
    result = {
        "users": USERS,
        "history_rows": rows,
        "file_mb": await exec_.run(lambda: path.stat().st_size / 1e6),
        "open_ms": ms(openings),
        "office_ms": ms([await took(store.office()) for _ in range(OPENINGS)]),
        "history_30_days_ms": ms([await took(recent(store)) for _ in range(OPENINGS)]),
        "commit_ms": ms([await took(refresh(store, n)) for n in range(1, COMMITS)]),
    }
    await store.close()
    await exec_.close()
    return result


async def opened(path: Path, exec_: ThreadExec) -> SqliteStore:
    return await open_store(path, exec_, clock_wall=lambda: START)


async def fill(store: SqliteStore, rows: int) -> None:
    for number in range(USERS):
        login = f"user{number}"
        user = await store.add_user(
            User(id=0, login=login, name=login, role=Role.STANDARD if number else Role.MANAGER),
            at=START,
        )
        account = Account(issuer="https://auth/", sub=login, email=f"{login}@office.example")
        linked = User(id=user.id, login=login, name=login, link=Link(account=account))
        await store.save_link(user.id, 0, linked, b"s" * 2500, at=START)
    for begin in range(0, rows, BATCH):
        await store.add_transitions([change(n) for n in range(begin, min(begin + BATCH, rows))])


def change(number: int) -> Transition:
    return Transition(
        at=START + timedelta(seconds=30 * number),
        subject=f"user{number % USERS}",
        before="waiting",
        after="valid",
        reason="network.timeout",
        duration_s=12.5,
    )


async def recent(store: SqliteStore) -> object:
    return await store.history(subject="user7", since=START, limit=500)


async def refresh(store: SqliteStore, serial: int) -> object:
    return await store.store_refreshed(1, 1, serial, b"s" * 2500, None, at=START)


async def took(work: object) -> float:
    began = time.perf_counter()
    await work  # type: ignore[misc]
    return time.perf_counter() - began


def ms(seconds: list[float]) -> float:
    return round(statistics.median(seconds) * 1000, 3)


if __name__ == "__main__":
    main()
