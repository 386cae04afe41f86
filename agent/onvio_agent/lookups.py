"""Where the event loop looks names up. An adapter: it may start threads.

A name server that never answers must not hold up the end of the process: asyncio would wait for the
lookup's thread, and so would the interpreter.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

_NAME = "lookup"
AT_ONCE = 8  # as many requests as are in flight: a lookup that hangs must not hold up the next


class Lookups(ThreadPoolExecutor):
    """For `loop.set_default_executor`; ends without waiting."""

    def __init__(self) -> None:
        super().__init__(max_workers=AT_ONCE, thread_name_prefix=_NAME)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Forget what waits, never wait for what hangs."""
        super().shutdown(wait=False, cancel_futures=True)


def still_looking() -> bool:
    """Whether a lookup hangs even now."""
    return any(thread.name.startswith(_NAME) for thread in threading.enumerate())
