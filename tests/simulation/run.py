"""Live many lives and count: `python -m simulation.run [--seeds N] [--hours H] ...`.

One JSON line on stdout. Where a promise was broken, stderr gets for each such seed the command that
lives it again, and for the first one, made small, its last events too; the exit code is 1.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import json
import multiprocessing
import re
import statistics
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import msgspec

from simulation.life import Life
from simulation.plan import Plan, Violation, command, numbers
from simulation.shrink import CPU_MAX_S, shrink

EVENTS_SHOWN = 50


class Lived(msgspec.Struct, frozen=True):
    """What came of one life."""

    plan: Plan
    boots: int
    kills: int
    events: int
    lie_s: float
    cpu_s: float
    peak_mb: int
    violations: list[Violation]
    fingerprint: str


def live(plan: Plan) -> Lived:
    """One life's figures."""
    began = time.process_time()
    life = Life(plan).run()
    return Lived(
        plan=plan,
        boots=life.boots,
        kills=life.kills,
        events=life.handles + life.universe.fired,
        lie_s=life.lie_s,
        cpu_s=time.process_time() - began,
        peak_mb=_peak_mb(),
        violations=life.violations,
        fingerprint=life.universe.fingerprint(),
    )


def live_all(plans: list[Plan], jobs: int) -> list[Lived]:
    """In `jobs` processes, in order."""
    if jobs == 1 or len(plans) == 1:
        return [live(plan) for plan in plans]
    clean = multiprocessing.get_context("spawn")  # nothing of ours is in it but what it imports
    with ProcessPoolExecutor(jobs, mp_context=clean, initializer=gc.freeze) as pool:
        return list(pool.map(live, plans, chunksize=max(1, min(4, len(plans) // (4 * jobs)))))


def figures(lives: list[Lived]) -> dict[str, Any]:
    """The JSON line."""
    days = [each.cpu_s * 24.0 / each.plan.hours for each in lives]
    return {
        "seeds": len(lives),
        "sim_hours": sum(each.plan.hours for each in lives),
        "boots": sum(each.boots for each in lives),
        "kills": sum(each.kills for each in lives),
        "events": sum(each.events for each in lives),
        "lie_seconds": sum(each.lie_s for each in lives),
        "violations": [
            [each.plan.seed, first.invariant, first.detail, round(first.at_s, 1)]
            for each in lives
            for first in each.violations[:1]
        ],
        "cpu_s": round(sum(each.cpu_s for each in lives), 1),
        "cpu_s_per_day": round(statistics.median(days), 3),
        "peak_mb": max(each.peak_mb for each in lives),
        "fingerprint": hashlib.sha256("".join(e.fingerprint for e in lives).encode()).hexdigest(),
    }


def _peak_mb() -> int:
    """This process's most resident memory. (`ru_maxrss` outlives exec: it is its parent's too.)"""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) // 1024 if found else 0


def explain(plan: Plan, cpu_max_s: float) -> str:
    """A failing life made small: how to live it again, and its last events."""
    life = Life(plan).run()
    if not life.violations:
        return f"{command(plan)}\n  breaks nothing when it is lived again: a leak of the harness"
    life = shrink(life, cpu_max_s=cpu_max_s)
    first = life.violations[0]
    told = list(life.universe.trace)[-EVENTS_SHOWN:]
    told += [f"{first.invariant}: {first.detail}", f"faults and kills left: {life.parts}"]
    return "\n".join([*told, command(life.plan)])


def main(words: list[str] | None = None) -> int:
    """See the module docstring."""
    args = _arguments().parse_args(words)
    plans = plans_of(args)
    lives = live_all(plans, args.jobs)
    _tell([each.plan for each in lives if each.violations], args.shrink)
    told = figures(lives)
    print(json.dumps(told))
    return 1 if told["violations"] else 0


def plans_of(args: argparse.Namespace) -> list[Plan]:
    """One for each seed."""
    return [
        Plan(
            seed=seed,
            hours=args.hours,
            users=args.users,
            door=args.door or None,
            salt=args.salt,
            only=numbers(args.only),
            only_kills=numbers(args.only_kills),
        )
        for seed in range(args.first_seed, args.first_seed + args.seeds)
    ]


def _tell(failed: list[Plan], cpu_max_s: float) -> None:
    for plan in failed[:1]:
        print(explain(plan, cpu_max_s), file=sys.stderr)
    for plan in failed[1:]:
        print(command(plan), file=sys.stderr)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--hours", type=float, default=48.0)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--users", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--door", choices=("", "direct", "asgi"), default="")
    parser.add_argument("--salt", type=int, default=0)
    parser.add_argument("--only", default="", help="numbers of faults, `none`, or empty for all")
    parser.add_argument("--only-kills", default="", help="the same for kills")
    parser.add_argument("--shrink", type=float, default=CPU_MAX_S, help="CPU seconds to spend")
    return parser


if __name__ == "__main__":
    sys.exit(main())
