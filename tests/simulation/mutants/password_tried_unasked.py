"""A refused password is held and tried again, though nobody said that it was just reset."""

from __future__ import annotations

from onvio_agent.actions import dialogue
from simulation.mutants.switches import rewritten

NAME = "password-tried-unasked"
WHY = "A refused password is held and tried again, though nobody said that it was just reset."
SEED, HOURS = 1, 24.0

apply = rewritten(
    dialogue.begin,
    'if not just_reset or refused.code != "auth.wrong_password":',
    'if refused.code != "auth.wrong_password":',
)
