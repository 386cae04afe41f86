"""A click asks although ONVIO wants silence."""

from __future__ import annotations

from onvio_agent.actions import reconnect
from simulation.mutants.switches import rewritten

NAME = "click-overrides-wait"
WHY = "A click asks although ONVIO wants silence."
SEED, HOURS = 2, 24.0

apply = rewritten(
    reconnect._reconnect,
    "await probe(desk, by_person=True)",
    "desk.user_api._transport._busy_until.clear()\n    await probe(desk, by_person=True)",
)
