"""A name server that never answers holds up neither the end of the loop nor that of the process."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading

from onvio_agent.lookups import AT_ONCE, Lookups, still_looking

PROGRAM = """
import asyncio, os, threading, time
from onvio_agent.lookups import AT_ONCE, Lookups, still_looking

async def main():
    loop = asyncio.get_running_loop()
    loop.set_default_executor(Lookups())
    looking = threading.Event()
    def hang():
        looking.set()
        time.sleep(60)
    loop.run_in_executor(None, hang)
    while not looking.is_set():
        await asyncio.sleep(0.001)

start = time.monotonic()
asyncio.run(main())
print(still_looking(), time.monotonic() - start < 10, flush=True)
if still_looking():
    os._exit(7)
"""


def test_a_lookup_that_hangs_is_left_behind() -> None:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PROGRAM)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.stdout.strip(), done.returncode) == ("True True", 7), done.stderr


def test_what_waits_for_its_turn_is_forgotten_at_the_end() -> None:
    lookups, release = Lookups(), threading.Event()
    hung = [lookups.submit(release.wait, 30.0) for _ in range(AT_ONCE)]
    waiting = lookups.submit(release.wait, 30.0)
    assert still_looking()
    lookups.shutdown()
    assert waiting.cancelled()
    release.set()
    assert all(each.result(timeout=10) for each in hung)
    for thread in threading.enumerate():
        if thread.name.startswith("lookup"):
            thread.join(10)
    assert not still_looking()
