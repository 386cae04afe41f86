"""ONVIO asks twice for silence at once: of requests under way together, one is told a long wait and
another a short one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onvio_agent.simulator.faults import Fault
from simulation.faults.times import poisson, span_s

if TYPE_CHECKING:
    from onvio_agent.onvio.transport import Request
    from simulation.life import Life

AT_ONCE = 2
LATEST_S = 120.0


def plan(life: Life) -> None:
    """Some four a day: somebody clicks, and the links are checked together."""
    rng = life.universe.named("fault.two_waits")
    for when in poisson(rng, 6 * 3600, life.end_s):
        waits = [float(int(span_s(rng, 60, 1200))), float(int(span_s(rng, 1, 20)))]
        if rng.random() < 0.3:
            waits.reverse()
        life.happen(when, f"waits {waits}", lambda w=waits: _ask_twice(life, w))


def _ask_twice(life: Life, waits: list[float]) -> None:
    seen: list[float] = []

    def together(request: Request) -> bool:
        now = life.universe.true
        if life.is_calm or now > armed_at + LATEST_S:
            return True
        if request.path != "/userinfo":
            return False
        seen.append(now)
        if len([at for at in seen if at == now]) < AT_ONCE:
            return False
        for wait_s, path in zip(waits, ("/userinfo", "/user"), strict=True):
            fault = Fault("limited", "auth", times=1, value=wait_s, path=path)
            life.cloud.set_fault(fault)
        return True

    armed_at = life.universe.true
    life.ledger.ambushes.append(together)
    life.people.click()
