"""Every measurement, one after the other: run inside the environment that `installed.py` made."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench import backlog, checks, clicks, idle, start, trays
from bench.machine import described
from bench.office import Office, open_office
from bench.options import read_options
from bench.table import Row, as_data, render

BUDGET_OVER_S = 120.0
"""The idle budgets are for two minutes; a shorter look is scaled up, and says so."""

BUDGETED_USERS = 5
"""The budgets are for an office of this size; of any other only the figures are told."""


class Extent:
    """How much is done: as the budgets say, or quickly to see that everything works."""

    def __init__(self, *, quick: bool, over_s: float | None) -> None:
        self.starts = 2 if quick else 15
        self.settle_s = 0.5 if quick else 30.0
        self.idle_s = over_s or (2.0 if quick else BUDGET_OVER_S)
        self.rounds = 3 if quick else 15
        self.each = 10 if quick else 100
        self.clicks = 3 if quick else 50
        self.files = 300 if quick else 100_000
        self.deliver_s = 7.0 if quick else 60.0


def main() -> None:
    """Measure and print."""
    options = read_options()
    extent = Extent(quick=options.quick, over_s=options.over)
    with (
        tempfile.TemporaryDirectory(prefix="onvio-bench-") as folder,
        open_office(Path(folder), options.users) as office,
    ):
        rows = list(_measured(office, extent))
    if options.users != BUDGETED_USERS:
        rows = [row._replace(limit=None, goal=None) for row in rows]
    if options.json:
        print(json.dumps({"machine": described(), "users": options.users, **as_data(rows)}))
    else:
        print(f"{described()}; {options.users} users, probes every 30 s\n")
        print(render(rows))


def _measured(office: Office, extent: Extent) -> Iterator[Row]:
    yield from _starts(start.measure(office, extent.starts))
    cost = checks.measure(office, extent.rounds, extent.each)
    yield Row("check_times", "a link check, of bare httpx' CPU", cost.times, "x", 1.5, 1.15)
    yield Row("check_cpu_ms", "    CPU of a check", cost.check_ms, "ms")
    yield Row("check_httpx_cpu_ms", "    CPU of bare httpx, same request", cost.httpx_ms, "ms")
    began = time.perf_counter()
    with office.running() as (process, agent):
        green_ms = (time.perf_counter() - began) * 1000
        yield Row("start_green_ms", "process start to everybody green", green_ms, "ms")
        yield from _idles(idle.measure(process.pid, extent.settle_s, extent.idle_s))
        icon = trays.measure(office, extent.settle_s, extent.idle_s)
        yield from _trays(icon) if icon else ()
        waits = clicks.measure(agent, extent.clicks)
    yield Row("click_green_ms", "click to everybody green", waits.green_ms, "ms", 300, 100)
    yield Row("status_ms", "status through the control API", waits.status_ms, "ms")
    yield from _deliveries(backlog.measure(office, extent.files, extent.deliver_s))


def _starts(starts: start.Starts) -> Iterator[Row]:
    wall_ms = starts.agent.wall_ms
    yield Row("start_ms", "process start to control API", wall_ms, "ms", 350, 200)
    yield Row("start_cpu_ms", "    its CPU until then", starts.agent.cpu_ms, "ms")
    if starts.frozen is not None:
        yield Row(
            "start_frozen_ms",
            "frozen: process start to control API",
            starts.frozen.wall_ms,
            "ms",
            700,
            700,
        )
        yield Row("start_frozen_cpu_ms", "    its CPU until then", starts.frozen.cpu_ms, "ms")
    yield Row("start_httpx_ms", "    python -c 'import httpx'", starts.httpx.wall_ms, "ms")
    yield Row("start_httpx_cpu_ms", "    its CPU", starts.httpx.cpu_ms, "ms")
    yield Row("start_python_ms", "    python -c pass", starts.python.wall_ms, "ms")
    yield Row("start_python_cpu_ms", "    its CPU", starts.python.cpu_ms, "ms")


def _idles(seen: idle.Idle) -> Iterator[Row]:
    scale = BUDGET_OVER_S / seen.over_s
    over = "" if round(scale, 1) == 1 else f" (from {seen.over_s:.0f} s)"
    used = seen.used
    yield Row("idle_pss_mb", "idle memory, PSS", seen.memory.pss_mb, "MB", 48, 36)
    yield Row("idle_private_mb", "    its own alone", seen.memory.private_mb, "MB")
    yield Row("idle_cpu_s", f"idle CPU in 120 s{over}", used.cpu_s * scale, "s", 0.03, 0.012)
    yield Row(
        "idle_switches",
        f"idle voluntary switches in 120 s{over}",
        used.voluntary * scale,
        "",
        150,
        60,
    )
    yield Row("idle_threads", "    threads", used.threads, "")


def _trays(seen: idle.Idle) -> Iterator[Row]:
    scale = BUDGET_OVER_S / seen.over_s
    used = seen.used
    yield Row("tray_pss_mb", "the icon: idle memory, PSS", seen.memory.pss_mb, "MB", 20, 14)
    yield Row("tray_private_mb", "    its own alone", seen.memory.private_mb, "MB")
    yield Row("tray_cpu_s", "    idle CPU in 120 s", used.cpu_s * scale, "s")
    yield Row("tray_switches", "    voluntary switches in 120 s", used.voluntary * scale, "")
    yield Row("tray_threads", "    threads", used.threads, "")


def _deliveries(seen: backlog.Backlog) -> Iterator[Row]:
    of = f"a backlog of {seen.files:,} documents"
    yield Row("backlog_first_s", f"{of}: start to first stored", seen.first_s, "s", 5, 5)
    yield Row("backlog_pss_mb", "    memory meanwhile, PSS", seen.pss_mb, "MB", 90, 60)
    yield Row("backlog_status_ms", "    status meanwhile, 99 of 100", seen.status_ms, "ms", 50, 25)
    yield Row("backlog_slowest_ms", "    the slowest status", seen.slowest_ms, "ms")
    yield Row("document_times", "a document, of bare httpx' CPU", seen.times, "x", 2, 1.4)
    yield Row("document_cpu_ms", "    CPU of a document", seen.cpu_ms, "ms")
    yield Row("document_httpx_cpu_ms", "    CPU of bare httpx", seen.bare.cpu_ms, "ms")
    yield Row("documents_per_s", "    documents a second", seen.per_s, "")
    yield Row("documents_httpx_per_s", "    of bare httpx", seen.bare.per_s, "")


if __name__ == "__main__":
    main()
