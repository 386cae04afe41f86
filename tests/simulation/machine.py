"""The workstation under the agent, in virtual time: disk, keyring, timer, log.

Each part is the production part where it can be (store, vault) with the machine's misbehaviour put
below it; nothing of the agent is replaced.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from onvio_agent.contract.vault import VaultStatus
from onvio_agent.errors import StoreFailed, VaultFailed
from onvio_agent.store import people as people_table
from onvio_agent.store.base import revocation_row
from onvio_agent.store.sqlite import SqliteStore
from onvio_agent.store.vault import Vault
from onvio_agent.supervise import Tasks
from onvio_agent.timer import ASLEEP_S, OnStep, OnWake, Tick
from simulation.loop import Handle
from simulation.network import PLANTED

if TYPE_CHECKING:
    from simulation.life import Life

T = TypeVar("T")

_LATE_S = 1e-6  # a timer is never early


class SimExec:
    """The writer thread: one piece of work at a time, each with the disk's latency.

    Before and after each piece the process may be killed: the work is then not done at all, or done
    and never told.
    """

    def __init__(self, life: Life) -> None:
        self._life = life
        self._queue: deque[tuple[Callable[[], Any], asyncio.Future[Any]]] = deque()
        self._busy = False

    async def run(self, work: Callable[[], T]) -> T:
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._queue.append((work, future))
        if not self._busy:
            self._next()
        return await future

    async def run_blocking(self, work: Callable[[], T], timeout_s: float) -> T:
        return await self.run(work)

    def _next(self) -> None:
        self._busy = True
        asyncio.get_running_loop().call_later(self._life.disk.latency_s(), self._do)

    def _do(self) -> None:
        work, future = self._queue.popleft()
        life = self._life
        if life.kill_point("work.before"):
            return
        life.disk.notes.clear()
        result: Any = None
        failed: BaseException | None = None
        try:
            result = work()
        except BaseException as error:  # it belongs to whoever asked
            failed = error
        else:
            for note in life.disk.notes:
                note()
        if life.kill_point("commit.after" if life.disk.notes else "work.after"):
            return
        if not future.done():
            future.set_result(result) if failed is None else future.set_exception(failed)
        if self._queue:
            self._next()
        else:
            self._busy = False


class Disk:
    """How the disk behaves now. `notes`: what to record once the transaction under way is through."""

    def __init__(self, life: Life) -> None:
        self._rng = life.universe.named("disk")
        self.is_full = False
        self.full_at = float("-inf")  # when something was last refused for want of room
        self.slow_s = 0.0
        self.breaks: str | None = None  # the store's method whose next write fails unexpectedly
        self.notes: list[Callable[[], None]] = []

    def latency_s(self) -> float:
        """Of one piece of work."""
        return 0.002 + (self._rng.random() * self.slow_s if self.slow_s else 0.0)


class SimStore(SqliteStore):
    """The production store on a disk that may be full, telling the life which tokens it holds."""

    life: Life

    async def _write(self, work: Callable[[Any], T]) -> T:
        def checked(db: Any) -> T:
            result = work(db)
            breaks = self.life.disk.breaks
            if breaks and self.life.agent is not None and breaks in work.__qualname__:
                self.life.disk.breaks = None
                raise RuntimeError(PLANTED)
            if self.life.disk.is_full and db.in_transaction and db.total_changes:
                self.life.disk.full_at = self.life.universe.true
                raise StoreFailed("store.full")
            return result

        return await super()._write(checked)

    async def save_link(self, user_id, generation, user, sealed, *, at):  # type: ignore[no-untyped-def]
        def work(db: Any) -> bool:
            saved = people_table.save_link(db, user_id, generation, user, sealed, at)
            if saved and sealed is not None:
                self.life.disk.notes.append(lambda: self.life.ledger.committed(user_id, sealed))
            return saved

        return await self._write(work)

    async def store_refreshed(self, user_id, generation, serial, sealed, orphan, *, at):  # type: ignore[no-untyped-def]
        left = None if orphan is None else (orphan, revocation_row(user_id))

        def work(db: Any) -> bool:
            stored = people_table.store_refreshed(db, user_id, generation, serial, sealed, left, at)
            if stored:
                self.life.disk.notes.append(lambda: self.life.ledger.committed(user_id, sealed))
            return stored

        return await self._write(work)


class SimVault(Vault):
    """The production vault, whose keyring may be locked."""

    life: Life

    async def seal(self, plaintext: bytes, *, row: str, may_renew: bool = False) -> bytes:
        self._look()
        sealed = await super().seal(plaintext, row=row, may_renew=may_renew)
        self.life.ledger.sealed(sealed, plaintext, row)
        return sealed

    async def open(self, sealed: bytes, *, row: str) -> bytes:
        self._look()
        return await super().open(sealed, row=row)

    async def status(self) -> VaultStatus:
        found = await super().status()
        return msgspec.structs.replace(found, state="locked") if self.life.vault_locked else found

    def _look(self) -> None:
        if self.life.vault_locked:
            raise VaultFailed("vault.locked")


class SimTimer:
    """`Timer` on the loop's clock, which sleeps with the machine; `wake` is the watchdog's look."""

    def __init__(self, life: Life, tasks: Tasks) -> None:
        self._universe = life.universe
        self._tasks = tasks
        self._entries: dict[str, tuple[float, Tick, Handle | None]] = {}
        self._runs = False
        self._on_wake: OnWake | None = None
        self._loop = asyncio.get_running_loop()

    def start(self) -> None:
        self._runs = True
        self._arm_all()

    def stop(self) -> None:
        self._runs = False
        for name in list(self._entries):
            self.cancel(name)

    def at(self, name: str, mono: float, tick: Tick) -> None:
        self.cancel(name)
        handle = None
        if self._runs:
            wait_s = max(0.0, mono - self._universe.true) + _LATE_S
            handle = self._loop.call_later(wait_s, self._fire, name)
        self._entries[name] = mono, tick, handle

    def cancel(self, name: str) -> None:
        entry = self._entries.pop(name, None)
        if entry is not None and entry[2] is not None:
            entry[2].cancel()

    def on_wake(self, listener: OnWake) -> None:
        self._on_wake = listener

    def on_step(self, listener: OnStep) -> None:
        """Never called: the loop's clock is the true one, and nothing is planned by another."""

    def wake(self, slept_s: float) -> None:
        """Arm anew: what became due in sleep is called now; whoever wants to know of it is told."""
        if self._runs:
            self._arm_all()
            if slept_s > ASLEEP_S and self._on_wake is not None:
                self._on_wake(slept_s)

    def _arm_all(self) -> None:
        for name, (mono, tick, _handle) in list(self._entries.items()):
            self.at(name, mono, tick)

    def _fire(self, name: str) -> None:
        _mono, tick, _handle = self._entries.pop(name)
        self._tasks.spawn(f"timer.{name}", tick())


class SimSigns:
    """`Signs` of a route that comes and goes."""

    def __init__(self, life: Life) -> None:
        self._wire = life.wire

    def sources(self) -> tuple[str, ...]:
        return ("10.0.0.2",) if self._wire.has_route else ()

    def follow(self, on_sign: Callable[[], None]) -> None:
        self._wire.on_route = on_sign

    def close(self) -> None:
        self._wire.on_route = None


class SimLog:
    """`Log` that keeps lines for the trace; a crash in it is a violation."""

    def __init__(self, life: Life) -> None:
        self._life = life

    def _line(self, event: str, **keys: Any) -> None:
        crashed = event in ("task.crashed", "listener.crashed")
        if crashed and PLANTED not in str(keys.get("error")):
            self._life.violate("crash", f"{event} {keys}")
        self._life.ledger.tell("on_log", event, keys)
        user = keys.get("user")
        self._life.universe.note(
            f"log {event} {user or ''} {keys.get('after', '')} {keys.get('reason', '')}"
        )

    def debug(self, event: str, **keys: Any) -> None:
        """Not kept."""

    info = warning = error = _line

    def bind(self, **_keys: Any) -> SimLog:
        return self
