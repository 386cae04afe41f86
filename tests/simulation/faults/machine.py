"""The workstation: sleep, a full or slow disk, a locked keyring, kills and restarts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulation.faults.times import poisson, span_s

if TYPE_CHECKING:
    from simulation.life import Life


def plan(life: Life) -> None:
    """Each a few times in two days."""
    rng = life.universe.named("fault.machine")
    for when in poisson(rng, 9 * 3600, life.end_s):
        asleep_s = span_s(rng, 30, 12 * 3600)
        life.happen(when, "sleep", lambda s=asleep_s: _sleep(life, s))
    for when in poisson(rng, 16 * 3600, life.end_s):
        life.happen(when, "disk full", lambda: _full(life, full=True))
        life.universe.at(
            when + span_s(rng, 30, 3 * 3600), "disk free", lambda: _full(life, full=False)
        )
    for when in poisson(rng, 12 * 3600, life.end_s):
        slow_s = span_s(rng, 0.1, 3)
        life.happen(when, "disk slow", lambda s=slow_s: _slow(life, s))
        life.universe.at(when + span_s(rng, 60, 3600), "disk fast", lambda: _slow(life, 0.0))
    for when in poisson(rng, 12 * 3600, life.end_s):
        life.happen(when, "vault locked", lambda: _lock(life, locked=True))
        life.universe.at(
            when + span_s(rng, 30, 3600), "vault open", lambda: _lock(life, locked=False)
        )
    if life.plan.kills:
        for when in poisson(rng, 24 * 3600, life.end_s):
            life.happen(when, "kill", lambda: life.ask_kill("from outside"))
        for when in poisson(rng, 12 * 3600, life.end_s):
            off_s = span_s(rng, 1, 3600)
            life.happen(when, "restart", lambda s=off_s: life.stop_and_start(s))


def _sleep(life: Life, seconds: float) -> None:
    life.suspend(min(seconds, max(0.0, life.end_s - 4 * 3600 - life.universe.true)))


def _full(life: Life, *, full: bool) -> None:
    life.disk.is_full = full


def _slow(life: Life, seconds: float) -> None:
    life.disk.slow_s = seconds


def _lock(life: Life, *, locked: bool) -> None:
    life.vault_locked = locked
    if locked and life.agent is not None:
        life.agent.desk.vault.forget()  # type: ignore[attr-defined]
