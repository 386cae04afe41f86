"""From what was heard to what is shown and said: one thread that waits for news and for instants.

It puts together the pure parts (`view.py`, `notices.py`), and looks after the backend: one that gives
no sign of life is replaced by a fresh process.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import msgspec

from onvio_agent.clock import Clock, Now
from onvio_tray.log import TrayLog
from onvio_tray.notices import Memory, Rules, Say, Situation, Withdraw, next_notice
from onvio_tray.screen import Screen
from onvio_tray.sight import Heard, Sight, pending_documents
from onvio_tray.view import Own, View, view

HANG_S = 30.0
"""A backend shows a sign of life every 10 s; after two missed ones it hangs."""

_SLEPT_S = 5.0  # so much more cannot be a busy machine: it was asleep
_SHORTEST_WAIT_S = 0.01


class Presenter:
    """`hear` and `set_own` may be called from any thread; `turn` from one alone.

    `awake`: seconds that stand still during sleep. `on_hang` is called, in this thread, when the
    backend hangs.
    """

    def __init__(
        self,
        screen: Screen,
        clock: Clock,
        awake: Callable[[], float],
        own: Own,
        rules: Rules,
        on_hang: Callable[[], None],
        log: TrayLog,
    ) -> None:
        self._screen = screen
        self._clock = clock
        self._awake = awake
        self._rules = rules
        self._on_hang = on_hang
        self._log = log
        self._news = threading.Condition()
        self._is_news = False
        self._sight: Sight | None = None
        self._own = own
        self._memory = Memory()
        self._view: View | None = None
        self._apart_s = clock.mono() - awake()
        self._due_mono: float | None = None

    @property
    def view(self) -> View | None:
        """What is shown; None before anything was heard."""
        return self._view

    def hear(self, sight: Sight) -> None:
        """The newest sight wins; a snapshot that is older than the last one is left out."""
        with self._news:
            if not _is_older(sight, self._sight):
                self._sight = sight
                self._tell()

    def set_own(self, login: str) -> None:
        """The workstation now belongs to that user; empty: to nobody."""
        with self._news:
            self._own = msgspec.structs.replace(self._own, login=login)
            self._tell()

    def beat(self) -> None:
        """A sign of life of the backend, which also ends the wait of a machine that has slept."""
        self._screen.beat()
        if self._clock.mono() - self._awake() > self._apart_s + _SLEPT_S:
            with self._news:
                self._tell()

    def run(self) -> None:
        """For ever."""
        while True:
            self.wait(self.turn())

    def turn(self) -> float | None:
        """Show and say what there is to at this instant; the seconds until the next turn, if any."""
        with self._news:
            self._is_news = False
            sight, own = self._sight, self._own
        now, awake_s = self._clock.now(), self._awake()
        slept = self._has_slept(now, awake_s)
        waits = [self._look_after_backend(slept)]
        if sight is not None:
            found = view(sight, now, own)
            self._show(found)
            again_s = self._say(found, sight, now, awake_s, slept)
            waits += [
                None if found.changes_at is None else found.changes_at - now.mono,
                None if again_s is None else again_s - awake_s,
            ]
        known = [wait for wait in waits if wait is not None]
        wait_s = max(_SHORTEST_WAIT_S, min(known)) if known else None
        self._due_mono = None if wait_s is None else now.mono + wait_s
        return wait_s

    def wait(self, seconds: float | None) -> None:
        """Until there is news, or so long."""
        with self._news:
            if not self._is_news:
                self._news.wait(seconds)

    def _tell(self) -> None:
        self._is_news = True
        self._news.notify()

    def _has_slept(self, now: Now, awake_s: float) -> bool:
        """Whether the machine has, since the last turn: its clocks have moved apart, or, where both
        go on during sleep, this turn is far too late."""
        apart_s, before_s = now.mono - awake_s, self._apart_s
        self._apart_s = apart_s
        late = self._due_mono is not None and now.mono > self._due_mono + _SLEPT_S
        return late or apart_s > before_s + _SLEPT_S

    def _show(self, found: View) -> None:
        before, self._view = self._view, found
        with self._news:
            self._own = msgspec.structs.replace(self._own, green_at=found.green_at)
        self._screen.show(found.shown)
        icon = found.shown.icon
        if before is None or (before.shown.icon, before.reason) != (icon, found.reason):
            self._log.info("icon.shown", icon=icon.value, reason=found.reason)

    def _say(
        self, found: View, sight: Sight, now: Now, awake_s: float, slept: bool
    ) -> float | None:
        """When to come back for it. Where there is no icon, nobody is told, so nothing is."""
        if self._screen.silent_s() is None:
            return None
        seen = Situation(
            at_s=awake_s,
            local=now.wall.astimezone(),
            reason=found.reason,
            title=found.title,
            next_step=found.next_step,
            warning=found.warning,
            pending=pending_documents(sight) if isinstance(sight, Heard) else None,
            slept=slept,
        )
        self._memory, notice, again_s = next_notice(self._memory, seen, self._rules)
        if isinstance(notice, Say):
            if self._screen.notify(notice.title, notice.body):
                self._log.info("notice.shown", reason=found.reason)
        elif isinstance(notice, Withdraw):
            self._screen.withdraw()
        return again_s

    def _look_after_backend(self, slept: bool) -> float | None:
        """When to look again."""
        if slept:
            self._screen.beat()  # it slept too
        silent_s = self._screen.silent_s()
        if silent_s is None:
            return None
        if silent_s >= HANG_S:
            self._log.error("backend.hung", silent_s=round(silent_s, 1))
            self._on_hang()
            self._screen.beat()
            return HANG_S
        return HANG_S - silent_s


def _is_older(sight: Sight, than: Sight | None) -> bool:
    if not isinstance(sight, Heard) or not isinstance(than, Heard):
        return False
    one, other = sight.snapshot.agent, than.snapshot.agent
    return one.boot_id == other.boot_id and one.revision < other.revision
