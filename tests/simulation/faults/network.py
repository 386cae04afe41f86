"""The way to ONVIO: outages of minutes to days, cuts before and after the server acted, slowness."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulation.faults.times import poisson, span_s

if TYPE_CHECKING:
    from simulation.life import Life

MODES = ("refuse", "dns", "none", "blackhole", "before", "after")
TARGETS = (("auth",), ("api",), ("auth", "api"))


def plan(life: Life) -> None:
    """Some ten troubles a day, now and then one that lasts."""
    rng = life.universe.named("fault.network")
    for when in poisson(rng, 2.2 * 3600, life.end_s):
        mode, targets = rng.choice(MODES), rng.choice(TARGETS)
        lasts_s = span_s(rng, 5, 2 * 86400 if rng.random() < 0.05 else 2 * 3600)
        life.happen(when, f"wire {mode} {targets}", _set(life, mode, targets))
        life.universe.at(when + lasts_s, "wire ok", _set(life, "ok", targets))
    for when in poisson(rng, 6 * 3600, life.end_s):
        slow_s, lasts_s = span_s(rng, 0.5, 20), span_s(rng, 60, 3600)
        life.happen(when, f"slow {slow_s:.1f}", lambda s=slow_s: life.wire.slow(s))
        life.universe.at(when + lasts_s, "fast", lambda: life.wire.slow(0.0))


def _set(life: Life, mode: str, targets: tuple[str, ...]):  # type: ignore[no-untyped-def]
    return lambda: life.wire.set(mode, targets)
