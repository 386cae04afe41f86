"""A folder full of documents, and an agent that starts: how soon, how fast, at what cost.

By itself: `.venv/bin/python -m bench.backlog [FILES] [SECONDS]`. What it is handed is bytes on a disk;
what bare httpx delivers beside it lies in memory.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from bench import bare_delivery, machine, papers
from bench.bare_delivery import Bare
from bench.office import KEYS, MANAGER, PASSWORD, Office, end, open_office, wait_until
from onvio_agent.client import Agent

_LOOK_EVERY_S = 0.1
_FIRST_WITHIN_S = 30.0


class Backlog(NamedTuple):
    """`first_s`: from the process' start to the first document that ONVIO has stored. `status_ms`:
    of a hundred `status` meanwhile the slowest but one; `slowest_ms`: the slowest of all. CPU and
    rate, per document, once the first was stored."""

    files: int
    first_s: float
    pss_mb: float
    status_ms: float
    slowest_ms: float
    cpu_ms: float
    per_s: float
    bare: Bare

    @property
    def times(self) -> float:
        """The agent's CPU for a document by that of bare httpx."""
        return self.cpu_ms / self.bare.cpu_ms


def measure(office: Office, files: int, over_s: float) -> Backlog:
    """Deliver what `over_s` seconds suffice for of `files` documents; bare httpx before and after."""
    folder = office.folder / "documents"
    folder.mkdir()
    _add_client(office, folder)
    papers.fill(folder, files)
    bare_documents = max(20, min(files // 2, 500))
    before = bare_delivery.measure(office, bare_documents, KEYS[1])
    process = office.spawn()
    began = time.perf_counter()
    try:
        seen = _watch(office.answer_of(process), process.pid, files, began, over_s)
    finally:
        end(process)
    after = bare_delivery.measure(office, bare_documents, KEYS[1])
    bare = Bare(*(statistics.mean(pair) for pair in zip(before, after, strict=True)))
    return Backlog(files, *seen, bare)


def _watch(
    agent: Agent, pid: int, files: int, began: float, over_s: float
) -> tuple[float, float, float, float, float, float]:
    waits_ms: list[float] = []
    pss_mb = first_s = first_cpu_s = 0.0
    first_stored = stored = 0
    while not first_s or (stored < files and time.perf_counter() - began < over_s):
        asked = time.perf_counter()
        stored = agent.status().sync.stored
        now, cpu_s = time.perf_counter(), machine.cpu_s(pid)
        waits_ms.append((now - asked) * 1000)
        pss_mb = max(pss_mb, machine.memory(pid).pss_mb)
        if stored and not first_s:
            first_s, first_cpu_s, first_stored = now - began, cpu_s, stored
        assert first_s or now - began < _FIRST_WITHIN_S, "nothing was delivered"
        time.sleep(_LOOK_EVERY_S)
    done = max(stored - first_stored, 1)
    took_s = now - began - first_s
    return (
        first_s,
        pss_mb,
        statistics.quantiles(waits_ms, n=100)[-1],
        max(waits_ms),
        (cpu_s - first_cpu_s) / done * 1000,
        done / took_s if took_s else 0.0,
    )


def _add_client(office: Office, folder: Path) -> None:
    with office.running() as (_process, agent):
        agent.session = agent.sign_in(MANAGER, PASSWORD)
        agent.sync.add_client("Padaria", papers.COMPANY, KEYS[0], str(folder))
        wait_until(agent, lambda snapshot: snapshot.connection.state == "online")


def main() -> None:
    """Print the figures of one run."""
    files, over_s = (float(text) for text in [*sys.argv[1:], "100000", "60"][:2])
    with (
        tempfile.TemporaryDirectory(prefix="onvio-bench-") as folder,
        open_office(Path(folder), 1) as office,
    ):
        seen = measure(office, int(files), over_s)
    print(seen, f"times={seen.times:.2f}")


if __name__ == "__main__":
    main()
