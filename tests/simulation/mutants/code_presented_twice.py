"""A refused code is presented once more by itself."""

from __future__ import annotations

from onvio_agent.actions import dialogue
from simulation.mutants.switches import rewritten

NAME = "code-presented-twice"
WHY = "A refused code is presented once more by itself."
SEED, HOURS = 2, 24.0

apply = rewritten(
    dialogue.give_code,
    "    try:\n        user = await fulfil(desk, dialogue.wish, proof)\n",
    "    try:\n"
    "        try:\n"
    "            user = await fulfil(desk, dialogue.wish, proof)\n"
    "        except AgentError:\n"
    "            user = await fulfil(desk, dialogue.wish, proof)\n",
)
