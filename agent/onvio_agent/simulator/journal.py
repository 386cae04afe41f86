"""The journal: every request that reached the simulated ONVIO, without any secret.

Why: tests count and order what a client really sent.
It must not hold tokens or passwords, and not grow without bound.
"""

from __future__ import annotations

from collections import deque
from itertools import islice

import msgspec

from onvio_agent.simulator.wire import Target

KEPT = 100_000


class Entry(msgspec.Struct, frozen=True):
    """One request. `at`: epoch s on the simulator's clock; `status` None: never answered."""

    n: int
    at: float
    target: Target
    method: str
    path: str
    grant_type: str | None
    account: str | None
    client_id: str | None
    status: int | None
    error: str | None
    fault: str | None
    token_fingerprint: str | None
    issued_fingerprint: str | None


class Journal:
    """The last entries, numbered from 1; `total` counts those that fell out too."""

    def __init__(self, kept: int = KEPT) -> None:
        self._entries: deque[Entry] = deque(maxlen=kept)
        self.total = 0

    def next_number(self) -> int:
        """The number of the entry that is to be added."""
        self.total += 1
        return self.total

    def add(self, entry: Entry) -> None:
        """Append one entry."""
        self._entries.append(entry)

    def since(self, n: int) -> list[Entry]:
        """The kept entries with a number above `n`."""
        skipped = max(0, n - (self.total - len(self._entries)))
        return list(islice(self._entries, skipped, None))
