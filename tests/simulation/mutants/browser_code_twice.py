"""A page that is loaded again has its code exchanged again."""

from __future__ import annotations

from onvio_agent.actions import browser
from simulation.mutants.switches import rewritten

NAME = "browser-code-twice"
WHY = "A page that is loaded again has its code exchanged again."
SEED, HOURS = 6, 24.0

apply = rewritten(
    browser._land,
    'await desk.once(f"signin {dialogue_id}", lambda: _complete(desk, dialogue, browser, found))',
    "await _complete(desk, dialogue, browser, found)",
)
