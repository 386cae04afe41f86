"""Memory, store, log and the rate of requests stay bounded."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from onvio_agent.store.times import to_us
from simulation.invariants import Invariant, database_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulation.life import Life

TASKS_MAX = 100
REQUESTS_PER_MINUTE = 40
"""For an office of five: a probe each second at the very worst, and retries of five links."""
LOOK_S = 3 * 3600.0
PER_LOOK = 60
"""Lines of the log and rows of the history, and so many for each user. A life full of troubles writes
twenty a user in its worst hour."""
PER_BOOT = 6
"""A start tells of every user: starting, valid or not, and why not."""
PRUNED_WITHIN_S = 7 * 3600.0
"""Every six hours, and five minutes after a start."""

SETTLED_S, FIRST_PRUNED_S = 1200.0, 3600.0
"""Between the two nothing is a day and an hour old: what was older at the start is pruned by then, on a
slow disk too, and what was younger is still."""


class StaysBounded(Invariant):
    """Looked at with each sample; log and history every three hours."""

    def __init__(self) -> None:
        self._requests = self._boots = self._acts = self._samples = self._boots_seen = 0
        self._lines = self._rows = 0
        self._since_look_s = 0.0
        self._old_since: float | None = None
        self._wall_offset_s = self._began_at = self._began_awake = 0.0
        self._stepped = False

    def on_boot(self, life: Life) -> None:
        self._old_since = None  # nobody prunes while the agent is off
        self._began_at, self._began_awake = life.universe.true, life.universe.loop_time()
        self._stepped = self._wall_offset_s != life.universe.wall_offset_s

    def on_log(self, life: Life, event: str, keys: Mapping[str, Any]) -> None:
        self._lines += not event.startswith("sync.document")

    def on_sample(self, life: Life, seconds: float) -> None:
        desk = life.agent.desk
        users = len(desk.hub.office.users)
        asked = life.ledger.requests - life.ledger.deliveries
        made, self._requests = asked - self._requests, asked
        boots, self._boots = life.boots - self._boots, life.boots
        acts, self._acts = life.people.acts - self._acts, life.people.acts
        allowed = (boots + acts) * (4 + 4 * users)
        allowed += (REQUESTS_PER_MINUTE + 24 * users) * seconds / 60.0
        if made > allowed:
            life.violate("rate", f"{made} requests in {seconds:.0f} s")
        if len(desk.cached) > users or len(desk.unsaved) > users:
            life.violate("memory", "more tokens than users")
        running = len(desk.tasks._running)
        if running > TASKS_MAX + 4 * users:
            life.violate("memory", f"{running} tasks")
        self._samples += 1
        self._since_look_s += seconds
        if self._since_look_s >= LOOK_S:
            self._since_look_s = 0.0
            boots, self._boots_seen = life.boots - self._boots_seen, life.boots
            self._look_at_records(life, (PER_LOOK + PER_BOOT * boots) * (1 + users))
        if self._samples % 10 == 0:
            self._look_for_old(life)

    def _look_at_records(self, life: Life, allowed: int) -> None:
        rows = int(database_of(life).execute("SELECT count(*) FROM history").fetchone()[0])
        written, self._rows = rows - self._rows, rows
        if written > allowed:
            life.violate("history", f"{written} rows in three hours")
        if self._lines > allowed:
            life.violate("log", f"{self._lines} lines in three hours")
        self._lines = 0

    def _look_for_old(self, life: Life) -> None:
        """Rows an hour older than they are kept, for longer than pruning takes; only while nobody
        sets the clock and the disk takes what is written."""
        kept_for = timedelta(days=life.settings.history.retention_days, hours=1)
        oldest = (to_us(life.universe.wall() - kept_for),)
        sql = "SELECT 1 FROM history WHERE at < ? LIMIT 1"
        stepped = self._wall_offset_s != life.universe.wall_offset_s
        self._wall_offset_s = life.universe.wall_offset_s
        self._stepped = self._stepped or stepped
        if stepped or life.disk.is_full or not database_of(life).execute(sql, oldest).fetchone():
            self._old_since = None
            return
        awake = life.universe.loop_time()
        undisturbed = not self._stepped and life.disk.full_at < self._began_at
        up_s = life.universe.true - self._began_at  # the time asleep counts: rows grow old in it
        if undisturbed and awake > self._began_awake + SETTLED_S and up_s < FIRST_PRUNED_S:
            life.violate("history", f"is not pruned {up_s:.0f} s after a start")
        if self._old_since is None:
            self._old_since = awake
        elif awake > self._old_since + PRUNED_WITHIN_S:
            life.violate("history", f"is not pruned for {awake - self._old_since:.0f} s")
