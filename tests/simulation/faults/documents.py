"""Fiscal documents that come in, and what goes wrong with them: half-written, replaced, folders that are
gone, keys and tokens that end, an ONVIO that is slow or refuses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from onvio_agent.simulator.integration import LeversPatch, Outcome
from simulation.faults.times import poisson, span_s
from simulation.office import PADARIA

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from simulation.life import Life

KINDS = ("gone", "read_only", "slow", "refused", "token", "key", "replace", "again", "half")


def plan(life: Life) -> None:
    """Three files an hour in lives that deliver, and a trouble each hour."""
    if not life.plan.delivers:
        return
    rng = life.universe.named("fault.documents")
    for when in poisson(rng, 1200, life.end_s):
        many = 1 if rng.random() < 0.8 else rng.randint(2, 8)
        for _ in range(many):
            life.happen(when, "file", lambda: _quietly(life))
    for when in poisson(rng, 3600, life.end_s):
        kind = rng.choice(KINDS)
        life.happen(when, f"documents {kind}", _act(life, kind, span_s(rng, 5, 3600), rng))


def _quietly(life: Life) -> None:
    life.deliveries.put_new(life.universe.named(f"file-{life.universe.true}"))


def _act(life: Life, kind: str, seconds: float, rng: random.Random) -> Callable[[], None]:
    cloud, folders = life.cloud, life.folders
    draw = life.universe.named(f"documents-{rng.random()}")

    def act() -> None:
        deliveries = life.deliveries
        match kind:
            case "gone" | "read_only":
                listed = folders.gone if kind == "gone" else folders.read_only
                listed.append(deliveries.folder)
                life.universe.at(life.universe.true + seconds, "folder ok", listed.clear)
            case "slow":
                cloud.set_integration(LeversPatch(processing_s=seconds))
            case "refused":
                cloud.set_integration(LeversPatch(outcome=Outcome("EA13", times=1)))
            case "token":
                cloud.revoke_machine_tokens()
            case "key":
                cloud.revoke_key(PADARIA)
            case "replace":
                folders.before_move = lambda path: _replace(life, path, draw)
            case "again":
                deliveries.put_again(draw)
            case _:
                deliveries.put_slowly(draw)

    return act


def _replace(life: Life, path: str, draw: random.Random) -> None:
    """In the very moment in which a file is moved, somebody puts another one in its place."""
    life.folders.before_move = None
    if not life.is_calm:
        life.deliveries.put_new(draw, path)
