"""Plant every bug and look whether lives find it: `python -m simulation.mutants_run [NAME ...]`.

A table on stderr (mutant, what found it, lives lived, CPU seconds), then one JSON line:
`{"mutants", "found", "missed"}`. Exit 1 where one was missed. `--record` looks for a short life in
which each is found fast and writes it into the mutant's file: do so when faults have changed.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from types import ModuleType

import msgspec

from simulation.life import Life, Plan
from simulation.mutants import ALL

RECORDED_HOURS = 24.0
GOOD_CPU_S = 0.4
"""A life that finds a mutant so fast needs not be bettered."""


class Found(msgspec.Struct, frozen=True):
    """How a mutant fared. `by` is the invariant, None where it was missed; `seed` the last life's."""

    name: str
    by: str | None
    detail: str
    lives: int
    seed: int
    cpu_s: float


def named(name: str) -> ModuleType:
    """The mutant of that name."""
    return {mutant.NAME: mutant for mutant in ALL}[name]


def live_with(mutant: ModuleType, plan: Plan) -> Life:
    """One life with the bug planted."""
    with mutant.apply():
        return Life(plan).run()


def search(name: str, *, first_seed: int, hours: float, cpu_max_s: float) -> Found:
    """Live life after life until something is violated or the time is spent."""
    began = time.process_time()
    seed = first_seed
    while True:
        life = live_with(named(name), Plan(seed=seed, hours=hours))
        cpu_s = time.process_time() - began
        if life.violations or cpu_s > cpu_max_s:
            first = life.violations[0] if life.violations else None
            return Found(
                name=name,
                by=first.invariant if first else None,
                detail=first.detail if first else "",
                lives=seed - first_seed + 1,
                seed=seed,
                cpu_s=round(cpu_s, 2),
            )
        seed += 1


def record(name: str, *, hours: float, cpu_max_s: float) -> Found:
    """The cheapest of the lives that find it, written into the mutant's file."""
    best: Found | None = None
    spent_s, seed = 0.0, 1
    while spent_s < cpu_max_s and (best is None or best.cpu_s > GOOD_CPU_S):
        found = search(name, first_seed=seed, hours=hours, cpu_max_s=cpu_max_s - spent_s)
        spent_s, seed = spent_s + found.cpu_s, found.seed + 1
        if found.by is not None:
            alone = search(name, first_seed=found.seed, hours=hours, cpu_max_s=0.0)
            best = alone if best is None or alone.cpu_s < best.cpu_s else best
    if best is None:
        return found
    path = Path(str(named(name).__file__))
    line = f"SEED, HOURS = {best.seed}, {hours}"
    path.write_text(re.sub(r"(?m)^SEED, HOURS = .*$", line, path.read_text()))
    return best


def main() -> int:
    """See the module docstring."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=[mutant.NAME for mutant in ALL])
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--hours", type=float, default=48.0)
    parser.add_argument("--cpu", type=float, default=60.0, help="CPU seconds for each")
    parser.add_argument("--record", action="store_true", help="write down where each is found")
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    look = partial(search, first_seed=args.first_seed, hours=args.hours, cpu_max_s=args.cpu)
    if args.record:
        look = partial(record, hours=RECORDED_HOURS, cpu_max_s=args.cpu)
    found: list[Found] = []
    with ProcessPoolExecutor(args.jobs) as pool:
        for each in pool.map(look, args.names):
            found.append(each)
            row = f"{each.name:28} {each.by or 'MISSED':20} {each.lives:4} {each.cpu_s:6.1f}"
            print(f"{row}  {each.detail[:60]}", file=sys.stderr, flush=True)
    missed = [each.name for each in found if each.by is None]
    figures = {"mutants": len(found), "found": len(found) - len(missed), "missed": missed}
    print(json.dumps(figures))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
