"""The same seed lives the same life, in any process; and no life touches the world outside."""

from __future__ import annotations

import asyncio
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from onvio_agent import clock
from simulation.guards import Leak, nothing_leaks
from simulation.life import Life
from simulation.loop import VirtualLoop
from simulation.plan import Door, Plan
from simulation.universe import Universe

TESTS = Path(__file__).parents[1]
SEEDS = (3, 7, 40)
GARBAGE = """
import random
junk = [[object() for _ in range(random.randrange(9))] for _ in range(50_011)]
del junk[::3]
"""


def fingerprints(door: Door, *, hash_seed: str, before: str = "") -> list[str]:
    """Of each seed's life in a process of its own, after `before`."""
    program = f"{before}\nimport sys\nfrom simulation.run import main\nsys.exit(main())"
    found = []
    for seed in SEEDS:
        words = ["--seeds", "1", "--first-seed", str(seed), "--hours", "20", "--door", door]
        done = subprocess.run(
            [sys.executable, "-c", program, *words],
            env={**os.environ, "PYTHONPATH": str(TESTS), "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        found.append(json.loads(done.stdout)["fingerprint"])
    return found


@pytest.mark.parametrize("door", ["direct", "asgi"])
def test_a_seed_lives_the_same_life_under_another_hash_seed_and_heap(door: Door) -> None:
    first = fingerprints(door, hash_seed="1")
    assert fingerprints(door, hash_seed="4711", before=GARBAGE) == first
    assert len(dict.fromkeys(first)) == len(SEEDS)


@pytest.mark.parametrize("door", ["direct", "asgi"])
def test_a_life_starts_no_thread_opens_no_socket_and_asks_no_real_clock(door: Door) -> None:
    Life(Plan(seed=5, hours=5, door=door)).run()  # what is imported on first use
    with nothing_leaks():
        life = Life(Plan(seed=6, hours=20, door=door)).run()
    assert not life.violations
    assert life.ledger.requests > 100


@pytest.mark.parametrize(
    ("leak", "told"),
    [
        (lambda: threading.Thread(target=int).start(), "Thread.start"),
        (lambda: socket.socket().close(), "socket.__new__"),
        (lambda: time.sleep(0), "time.sleep"),
        (random.random, "chance"),
        (lambda: clock.SystemClock().mono(), "clock_gettime by onvio_agent.clock"),
    ],
)
def test_a_leak_is_found(leak: Callable[[], object], told: str) -> None:
    chance = random.getstate()
    with pytest.raises(Leak, match=told), nothing_leaks():
        leak()
    random.setstate(chance)


@pytest.mark.parametrize(
    "ask",
    [
        lambda loop: loop.run_in_executor(None, int),
        lambda loop: loop.call_soon_threadsafe(int),
        lambda loop: loop._make_socket_transport(None, None),
    ],
)
def test_virtual_time_knows_no_threads_and_no_sockets(ask: Callable[[VirtualLoop], object]) -> None:
    with pytest.raises(AssertionError):
        ask(VirtualLoop(Universe(1)))


def test_timers_come_in_order_and_what_is_cancelled_does_not_come() -> None:
    universe, seen = Universe(1), []
    loop = VirtualLoop(universe)
    loop.call_later(2.0, seen.append, "later")
    loop.call_later(1.0, seen.append, "sooner")
    loop.call_later(1.5, seen.append, "never").cancel()
    loop.call_soon(seen.append, "now")
    loop.run(end_s=10.0)
    assert (seen, universe.true) == (["now", "sooner", "later"], 2.0)


def test_a_killed_process_runs_nothing_more_not_even_its_end() -> None:
    universe, ended = Universe(1), []
    loop = VirtualLoop(universe)

    async def work() -> None:
        try:
            await asyncio.sleep(5)
        finally:
            ended.append("cleaned up")

    task = loop.start_task(work(), "work")
    universe.at(1.0, "", lambda: setattr(loop, "halt", True))
    loop.run(end_s=10.0)
    universe.fire()
    loop.run(end_s=10.0)
    assert (ended, universe.true) == ([], 1.0)
    task._log_destroy_pending = False  # type: ignore[attr-defined]
    task.get_coro().close()
