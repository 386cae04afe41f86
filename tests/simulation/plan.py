"""What is asked of one life, and how it is said on a command line.

A life is repeated from its plan alone. The parts that a shrunk life goes without, or is left with,
are numbers of faults and kills, in the order in which the life itself plans and meets them.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec


class Violation(msgspec.Struct, frozen=True):
    """A promise that was broken."""

    invariant: str
    detail: str
    at_s: float


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """`skip`, `skip_kills`: numbers of faults and kills that do not happen. `door`: see `doors.py`."""

    seed: int
    hours: float = 48.0
    users: int = 5
    kills: bool = True
    faults: bool = True
    skip: frozenset[int] = frozenset()
    skip_kills: frozenset[int] = frozenset()
    stop_at_first: bool = True
    door: str = ""


def spans(numbers: Iterable[int]) -> str:
    """`1-4,7`: short enough for a command line."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(f"{low}-{high}" if high > low else f"{low}" for low, high in runs)


def numbers(text: str) -> frozenset[int]:
    """What `spans` wrote. ValueError for anything else."""
    found: list[int] = []
    for part in filter(None, text.split(",")):
        low, _dash, high = part.partition("-")
        found.extend(range(int(low), int(high or low) + 1))
    return frozenset(found)
