"""The options of the benchmark, read once before and once inside its environment."""

from __future__ import annotations

import argparse


def read_options() -> argparse.Namespace:
    """`quick`, `json`, `users`, `over`."""
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Measure what the agent costs, beside its budgets."
    )
    parser.add_argument("--quick", action="store_true", help="short, rough figures")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.add_argument(
        "--users",
        type=int,
        default=5,
        help="linked users, the Gerente included (budgets are for 5)",
    )
    parser.add_argument(
        "--over", type=float, metavar="SECONDS", help="how long the idle agent is watched"
    )
    return parser.parse_args()
