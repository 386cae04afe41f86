"""A password is tried again though the person has given up."""

from __future__ import annotations

from onvio_agent.actions import dialogue
from simulation.mutants.switches import rewritten

NAME = "password-kept-after-giving-up"
WHY = "A password is tried again though the person has given up."
SEED, HOURS = 3, 24.0

apply = rewritten(
    dialogue.cancel,
    "dialogue = desk.dialogues.pop(dialogue_id, None)\n"
    "    if dialogue is not None:\n"
    "        dialogue.held, dialogue.tries = None, ()\n",
    "dialogue = desk.dialogues.get(dialogue_id)\n"
    "    if dialogue is not None and dialogue.held is None:\n"
    "        desk.dialogues.pop(dialogue_id)\n",
)
