"""The adapter that keeps blocking work off the event loop: one writer thread, and calls aside.

One of the few places that may start threads. What was queued is always run, also when whoever asked
has been cancelled: a token that ONVIO has issued must reach the disk. Knows nothing of SQL.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from functools import partial
from typing import TypeVar

T = TypeVar("T")


class ThreadExec:
    """`Exec` of production. Start it inside a running loop; `close` drains it."""

    def __init__(self, name: str = "store") -> None:
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        # Daemon: a disk that hangs must not keep the process alive. `close` is the orderly end.
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self._stuck: threading.Thread | None = None
        self._closed = False

    async def run(self, work: Callable[[], T]) -> T:
        """The result of `work`, done in the writer thread after everything queued before it.

        RuntimeError once closed.
        """
        if self._closed:
            raise RuntimeError("the writer thread has ended")
        if not self._thread.ident:
            self._thread.start()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._jobs.put(partial(_settle, loop, future, work))
        return await future

    async def run_blocking(self, work: Callable[[], T], timeout_s: float) -> T:
        """The result of `work`, done in a thread of its own that is given up after `timeout_s`.

        For calls that may wait for a person (a keyring's prompt). TimeoutError then, and at once
        while a call given up earlier still hangs: hung threads do not pile up.
        """
        if self._stuck is not None and self._stuck.is_alive():
            raise TimeoutError("an earlier call still hangs")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        thread = threading.Thread(
            target=_settle, args=(loop, future, work), name="aside", daemon=True
        )
        thread.start()
        try:
            async with asyncio.timeout(timeout_s):
                return await future
        except (TimeoutError, asyncio.CancelledError):
            self._stuck = thread
            raise

    async def close(self) -> None:
        """Runs what is queued, then ends the writer thread. Closing twice does no harm."""
        if self._closed:
            return
        if self._thread.ident:
            drained = self.run(_nothing)
            await drained
            self._jobs.put(None)
        self._closed = True

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
            del job  # it may hold a sealed token; do not keep it while waiting


def _settle(
    loop: asyncio.AbstractEventLoop, future: asyncio.Future[T], work: Callable[[], T]
) -> None:
    try:
        result = work()
    except BaseException as error:
        _tell(loop, partial(_fail, future, error))
    else:
        _tell(loop, partial(_succeed, future, result))


def _tell(loop: asyncio.AbstractEventLoop, news: Callable[[], None]) -> None:
    try:
        loop.call_soon_threadsafe(news)
    except RuntimeError:  # the loop has ended: nobody waits any more
        return


def _succeed(future: asyncio.Future[T], result: T) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: asyncio.Future[T], error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)


def _nothing() -> None:
    return None
