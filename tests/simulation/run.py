"""Live many lives and count: `python -m simulation.run [--seeds N] [--hours H] ...`."""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from simulation.life import Life, Plan


def live(plan: Plan) -> dict[str, Any]:
    """One life's figures."""
    began = time.process_time()
    life = Life(plan).run()
    return {
        "seed": plan.seed,
        "boots": life.boots,
        "kills": life.kills,
        "events": life.handles + life.universe.fired,
        "lie_seconds": life.lie_s,
        "cpu_s": time.process_time() - began,
        "violations": [[v.invariant, v.detail, round(v.at_s, 1)] for v in life.violations],
        "trace": list(life.universe.trace)[-50:] if life.violations else [],
        "fingerprint": life.universe.fingerprint(),
    }


def main() -> int:
    """Prints one JSON line; exit 1 with the traces on stderr where something was violated."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--hours", type=float, default=48.0)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--users", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    plans = [
        Plan(seed=seed, hours=args.hours, users=args.users)
        for seed in range(args.first_seed, args.first_seed + args.seeds)
    ]
    if args.jobs > 1 and len(plans) > 1:
        with ProcessPoolExecutor(args.jobs) as pool:
            lives = list(pool.map(live, plans, chunksize=4))
    else:
        lives = [live(plan) for plan in plans]
    bad = [each for each in lives if each["violations"]]
    for each in bad[:5]:
        print(f"seed {each['seed']}: {each['violations']}", file=sys.stderr)
        print("\n".join(each["trace"]), file=sys.stderr)
    print(
        json.dumps(
            {
                "seeds": len(lives),
                "sim_hours": args.hours * len(lives),
                "boots": sum(each["boots"] for each in lives),
                "kills": sum(each["kills"] for each in lives),
                "events": sum(each["events"] for each in lives),
                "lie_seconds": sum(each["lie_seconds"] for each in lives),
                "violations": [[each["seed"], *each["violations"][0]] for each in bad],
                "cpu_s": round(sum(each["cpu_s"] for each in lives), 1),
                "rss_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
            }
        )
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
