"""Where killed processes lie until their life is over: out of reach, so that nothing of them runs.

A coroutine that is dropped is closed by the interpreter, and closing runs its `finally`. Therefore
they are kept as they are to the end, and let go of only when nobody listens any more.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from simulation.loop import VirtualLoop


class Graves:
    """`lay` keeps a process's loop and what else it had; `clear` lets go of all."""

    def __init__(self) -> None:
        self._kept: list[tuple[VirtualLoop, tuple[Any, ...]]] = []

    def lay(self, loop: VirtualLoop, *others: Any) -> None:
        """This process has ended."""
        loop.halt = True
        self._kept.append((loop, others))

    def clear(self) -> None:
        """Close every coroutine by hand: what was never started says no word about it then."""
        for loop, _others in self._kept:
            for task in asyncio.all_tasks(loop):
                task._log_destroy_pending = False  # type: ignore[attr-defined]
                work: Any = task.get_coro()
                with contextlib.suppress(Exception):  # some want to wait for something even now
                    work.close()
        self._kept.clear()
