"""What the kernel says of a process: processor time, wake-ups, memory. Linux only."""

from __future__ import annotations

import os
import platform
import time
from pathlib import Path
from typing import NamedTuple

_PROCESS_CLOCK = 2  # CPUCLOCK_SCHED of <linux/posix-timers.h>: what the scheduler counted, in ns


class Usage(NamedTuple):
    """What a process has used since its start."""

    cpu_s: float
    voluntary: int
    forced: int
    threads: int

    def since(self, before: Usage) -> Usage:
        """The difference; `threads` is how many there are now."""
        return Usage(
            self.cpu_s - before.cpu_s,
            self.voluntary - before.voluntary,
            self.forced - before.forced,
            self.threads,
        )


class Memory(NamedTuple):
    """Megabytes (1,000,000 bytes): its share of what it maps, and what is its own alone."""

    pss_mb: float
    private_mb: float


def cpu_s(pid: int) -> float:
    """Seconds of processor time, user and system, of all threads; exact to the nanosecond."""
    return time.clock_gettime(~pid << 3 | _PROCESS_CLOCK)


def usage(pid: int) -> Usage:
    """Processor time and context switches, summed over all threads that are alive."""
    tasks = sorted(Path(f"/proc/{pid}/task").iterdir())
    counted = [_fields(task / "status") for task in tasks]
    return Usage(
        cpu_s(pid),
        sum(int(fields["voluntary_ctxt_switches"]) for fields in counted),
        sum(int(fields["nonvoluntary_ctxt_switches"]) for fields in counted),
        len(tasks),
    )


def memory(pid: int) -> Memory:
    """The memory of a process at this instant."""
    fields = _fields(Path(f"/proc/{pid}/smaps_rollup"))
    kb = {name: int(text.split()[0]) for name, text in fields.items() if text.endswith("kB")}
    private = kb["Private_Clean"] + kb["Private_Dirty"]
    return Memory(kb["Pss"] * 1.024e-3, private * 1.024e-3)


def described() -> str:
    """The machine and what else it was doing, in one line."""
    load = " ".join(f"{value:.2f}" for value in os.getloadavg())
    return (
        f"{platform.system()} {platform.release()}, {_processor()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, load {load}"
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()


def _fields(path: Path) -> dict[str, str]:
    lines = [line.partition(":") for line in path.read_text().splitlines()]
    return {name: value.strip() for name, colon, value in lines if colon}
