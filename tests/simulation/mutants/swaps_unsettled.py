"""An e-mail waits until its holder has given it up: two who swapped wait for ever."""

from __future__ import annotations

from onvio_agent.office import emails
from simulation.mutants.switches import rewritten

NAME = "swaps-unsettled"
WHY = "An e-mail waits until its holder has given it up: two who swapped wait for ever."
SEED, HOURS = 39, 24.0

apply = rewritten(
    emails._clashing,
    "    holders: dict[str, list[int]] = {}",
    "    holders: dict[str, list[int]] = {key: [-1] for key in current.values()}",
)
