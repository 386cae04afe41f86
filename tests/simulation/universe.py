"""What exists outside the agent: time, chance, and the list of what will happen when.

Time is one number of true seconds. From it follow the clock that counts sleep, the loop's clock that
does not, and a wall clock that somebody may set or that runs wrong.
"""

from __future__ import annotations

import hashlib
import heapq
import random
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime

from onvio_agent.chance import Streams
from onvio_agent.clock import Now

EPOCH = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
_EPOCH_S = EPOCH.timestamp()
_TRACE_KEPT = 400
_SALTS = 1 << 40


class Universe:
    """One seed's world. `true`: seconds since the beginning.

    `salt`: another one has the same faults planned, and all else left to chance comes otherwise.
    """

    def __init__(self, seed: int, salt: int = 0) -> None:
        self.chance = seed + salt * _SALTS
        self.true = 0.0
        self.suspended = 0.0
        self.wall_offset_s = 0.0
        self.wall_drift = 0.0
        self._planned = Streams(seed)
        self._streams = Streams(self.chance)
        self._events: list[tuple[float, int, str, Callable[[], None]]] = []
        self._count = 0
        self.fired = 0
        self.trace: deque[str] = deque(maxlen=_TRACE_KEPT)
        self._hash = hashlib.sha256()

    def named(self, name: str) -> random.Random:
        """This seed's stream for one concern."""
        streams = self._planned if name.startswith("fault.") else self._streams
        return streams.named(name)

    def loop_time(self) -> float:
        """The event loop's clock: it stands still in sleep."""
        return self.true - self.suspended

    def wall(self) -> datetime:
        """The workstation's time of day, right or wrong."""
        passed_s = self.true * (1 + self.wall_drift) + self.wall_offset_s
        return datetime.fromtimestamp(_EPOCH_S + passed_s, UTC)

    def at(self, when: float, name: str, happen: Callable[[], None]) -> None:
        """Have `happen` called at true second `when` (or now, where that is over)."""
        self._count += 1
        heapq.heappush(self._events, (max(when, self.true), self._count, name, happen))

    def next_at(self) -> float:
        """When the next event from outside is due."""
        return self._events[0][0] if self._events else float("inf")

    def fire(self) -> None:
        """Let the next event happen."""
        when, _number, name, happen = heapq.heappop(self._events)
        self.true = max(self.true, when)
        self.fired += 1
        if name:
            self.note(name)
        happen()

    def note(self, text: str) -> None:
        """One line of what happened; the hash of all of them is the run's fingerprint."""
        line = f"{self.true:.3f} {text}"
        self.trace.append(line)
        self._hash.update(line.encode())

    def close(self) -> None:
        """Nothing more is noted: what is let go of now may still have something to say."""
        self.note = _nothing  # type: ignore[method-assign]

    def fingerprint(self) -> str:
        """Equal for equal runs."""
        return self._hash.hexdigest()


def _nothing(_text: str) -> None:
    """See `Universe.close`."""


class SimClock:
    """`Clock` of the universe."""

    def __init__(self, universe: Universe) -> None:
        self._universe = universe

    def mono(self) -> float:
        return self._universe.true

    def wall(self) -> datetime:
        return self._universe.wall()

    def now(self) -> Now:
        universe = self._universe
        return Now(universe.true, universe.wall())


class SimEntropy:
    """Bytes that nobody inside can guess, drawn from the seed."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def random_bytes(self, count: int) -> bytes:
        return self._rng.randbytes(count)
