"""What *Início* costs in an office of 300 with a million rows of history: time, weight, memory.

Run: .venv/bin/python -m bench.panel [ROWS] [DAYS]
Prints one JSON line. ROWS changes of everybody and the connection lie in the DAYS before now. The agent,
the simulator and the profile are real and temporary; the page is asked for over HTTP, as a browser does.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from bench.machine import memory
from bench.office import Office, open_office
from onvio_agent.client import Agent
from onvio_agent.store.base import Transition
from onvio_agent.store.exec import ThreadExec
from onvio_agent.store.sqlite import open_store

USERS = 300
ROUNDS = 30
SETTLE_S = 15.0
BATCH = 20_000


class Asked(NamedTuple):
    """One page: how long it took and how heavy it was."""

    ms: float
    size_bytes: int


def main() -> None:
    """Fill, run, ask, print."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    days = float(sys.argv[2]) if len(sys.argv) > 2 else 347
    with (
        tempfile.TemporaryDirectory(prefix="onvio-bench-") as folder,
        open_office(Path(folder), USERS) as office,
    ):
        asyncio.run(fill(office, rows, days))
        with office.running() as (process, agent):
            time.sleep(SETTLE_S)
            before = memory(process.pid)
            pages = ask(agent)
            time.sleep(SETTLE_S)
            after = memory(process.pid)
    warm = pages[1:]
    print(
        json.dumps(
            {
                "users": USERS,
                "history_rows": rows,
                "days": days,
                "first_ms": round(pages[0].ms, 1),
                "warm_ms": round(statistics.median(page.ms for page in warm), 1),
                "warm_worst_ms": round(max(page.ms for page in warm), 1),
                "page_kb": round(max(page.size_bytes for page in pages) / 1000, 1),
                "pss_before_mb": round(before.pss_mb, 1),
                "pss_growth_mb": round(after.pss_mb - before.pss_mb, 1),
            }
        )
    )


async def fill(office: Office, rows: int, days: float) -> None:
    """`rows` changes, evenly over `days`, turn by turn of every user and the connection."""
    exec_ = ThreadExec()
    store = await open_store(office.paths.store_path, exec_, clock_wall=lambda: datetime.now(UTC))
    subjects = ["connection", *office.logins]
    began, step = datetime.now(UTC) - timedelta(days=days), timedelta(days=days) / rows
    for first in range(0, rows, BATCH):
        numbers = range(first, min(first + BATCH, rows))
        await store.add_transitions([change(n, subjects, began + step * n) for n in numbers])
    await store.close()
    await exec_.close()


def change(number: int, subjects: list[str], at: datetime) -> Transition:
    """To a bad state and back, every other time."""
    turn, place = divmod(number, len(subjects))
    good, bad = ("online", "offline") if place == 0 else ("valid", "waiting")
    states = (good, bad) if turn % 2 else (bad, good)
    reason = "network.timeout" if turn % 2 else None
    before, after = states
    return Transition(
        at=at, subject=subjects[place], before=before, after=after, reason=reason, duration_s=60.0
    )


def ask(agent: Agent) -> list[Asked]:
    """The page, again and again, on one kept connection as a browser has it."""
    parts = urlsplit(agent.panel_link())
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    connection.request("GET", f"{parts.path}?{parts.query}")
    answer = connection.getresponse()
    cookie = str(answer.headers["set-cookie"]).partition(";")[0]
    answer.read()
    home = parts.path.removesuffix("enter")
    pages = []
    for _ in range(ROUNDS + 1):
        began = time.perf_counter()
        connection.request("GET", home, headers={"cookie": cookie})
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == http.client.OK, answer.status
        pages.append(Asked((time.perf_counter() - began) * 1000, len(body)))
    connection.close()
    return pages


if __name__ == "__main__":
    main()
