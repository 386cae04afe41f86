"""A click asks although ONVIO wants silence."""

from __future__ import annotations

from onvio_agent.actions import reconnect
from simulation.mutants.switches import rewritten

NAME = "click-overrides-wait"
WHY = "A click asks although ONVIO wants silence."
FOUND_BY, SEED, HOURS = "", 0, 0.0

apply = rewritten(
    reconnect._reconnect,
    "await probe(desk, by_person=True)",
    "desk.user_api._transport._busy_until.clear()\n    await probe(desk, by_person=True)",
)
