"""What an agent costs when nothing happens: memory, processor time and wake-ups."""

from __future__ import annotations

import time
from typing import NamedTuple

from bench.machine import Memory, Usage, memory, usage


class Idle(NamedTuple):
    """`used` in `over_s` seconds; `memory` at their beginning."""

    memory: Memory
    used: Usage
    over_s: float


def measure(pid: int, settle_s: float, over_s: float) -> Idle:
    """Leave the process alone for `settle_s`, then watch it for `over_s` seconds."""
    time.sleep(settle_s)
    at_rest = memory(pid)
    before = usage(pid)
    began = time.monotonic()
    time.sleep(over_s)
    return Idle(at_rest, usage(pid).since(before), time.monotonic() - began)
