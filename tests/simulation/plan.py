"""What is asked of one life, and how it is said on a command line.

A life is repeated from its plan alone. A shrunk life has only some of its faults and kills: they are
named by their numbers, in the order in which the life itself plans and meets them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

Door = Literal["direct", "asgi"]
"""How the agent reaches the cloud's model: called directly, or through production's HTTP client."""
DELIVERS_EACH = 5
"""One seed in so many lives in an office that delivers documents."""
ASGI_EACH = 20
"""One seed in so many goes through HTTP: it costs several times as much."""


class Violation(msgspec.Struct, frozen=True):
    """A promise that was broken."""

    invariant: str
    detail: str
    at_s: float


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """`only`, `only_kills`: the numbers of the faults and kills that happen; None: all of them.
    `door`: None leaves it to the seed. `salt`: the same faults, other chance in all else."""

    seed: int
    hours: float = 48.0
    users: int = 5
    kills: bool = True
    faults: bool = True
    only: frozenset[int] | None = None
    only_kills: frozenset[int] | None = None
    salt: int = 0
    door: Door | None = None
    stop_at_first: bool = True

    @property
    def delivers(self) -> bool:
        """Whether the office has fiscal documents delivered."""
        return self.seed % DELIVERS_EACH == 0

    @property
    def way(self) -> Door:
        """The door that is taken."""
        return self.door or ("direct" if self.seed % ASGI_EACH else "asgi")


def command(plan: Plan) -> str:
    """What a person types to live that life again."""
    words = [f"SEEDS=1 FIRST_SEED={plan.seed} HOURS={plan.hours:g} USERS={plan.users}"]
    if plan.door is not None:
        words.append(f"DOOR={plan.door}")
    if plan.salt:
        words.append(f"SALT={plan.salt}")
    if plan.only is not None:
        words.append(f"ONLY={spans(plan.only)}")
    if plan.only_kills is not None:
        words.append(f"ONLY_KILLS={spans(plan.only_kills)}")
    return "make simulate " + " ".join(words)


def spans(numbers: Iterable[int]) -> str:
    """`1-4,7`; `none` where there are none."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(f"{low}-{high}" if high > low else f"{low}" for low, high in runs) or "none"


def numbers(text: str) -> frozenset[int] | None:
    """What `spans` wrote; None (all) for an empty text. ValueError for anything else."""
    if not text:
        return None
    found: list[int] = []
    for part in text.split(",") if text != "none" else ():
        low, _dash, high = part.partition("-")
        found.extend(range(int(low), int(high or low) + 1))
    return frozenset(found)
