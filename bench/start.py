"""From the start of a process to the first answer of the control API, beside bare Python."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from bench.machine import cpu_s
from bench.office import PROGRAM, Office, end

FROZEN_PATH = Path(__file__).resolve().parents[1] / "dist" / "onvio-agent" / "onvio-agent"


class Start(NamedTuple):
    """Medians in milliseconds: by the clock, and of processor time."""

    wall_ms: float
    cpu_ms: float


class Starts(NamedTuple):
    """All taken in turns in the same minutes, so that other load meets each alike."""

    agent: Start
    frozen: Start | None
    python: Start
    httpx: Start


def measure(office: Office, runs: int) -> Starts:
    """`runs` starts of the agent, of the frozen one where `make freeze` has made it, of Python alone and
    of Python with httpx, one after the other."""
    agent, frozen, python, httpx = [], [], [], []
    for _ in range(runs):
        agent.append(_agent(office, PROGRAM))
        if FROZEN_PATH.exists():
            frozen.append(_agent(office, [str(FROZEN_PATH)]))
        python.append(_bare("pass"))
        httpx.append(_bare("import httpx"))
    shown = _median(frozen) if frozen else None
    return Starts(_median(agent), shown, _median(python), _median(httpx))


def _agent(office: Office, program: list[str]) -> Start:
    office.paths.runtime_path.unlink(missing_ok=True)
    began = time.perf_counter()
    process = office.spawn(program)
    try:
        office.answer_of(process)
        return Start(_ms(time.perf_counter() - began), _ms(cpu_s(process.pid)))
    finally:
        end(process)


def _bare(code: str) -> Start:
    """A Python that says so when it has run `code` and is still there to be measured."""
    told = f"{code}\nimport sys; sys.stdout.write('.'); sys.stdout.flush(); sys.stdin.read()"
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", told], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.read(1)
    start = Start(_ms(time.perf_counter() - began), _ms(cpu_s(process.pid)))
    process.communicate()
    return start


def _median(starts: list[Start]) -> Start:
    return Start(
        statistics.median(start.wall_ms for start in starts),
        statistics.median(start.cpu_ms for start in starts),
    )


def _ms(seconds: float) -> float:
    return seconds * 1000
