"""The tokens of who is inactivated are erased here and stay good at ONVIO."""

from __future__ import annotations

from onvio_agent.store import people
from simulation.mutants.switches import rewritten

NAME = "inactivate-keeps-tokens"
WHY = "The tokens of who is inactivated are erased here and stay good at ONVIO."
SEED, HOURS = 3, 24.0

apply = rewritten(people._retire_tokens, "revocations.queue(db, user_id, *retired, at)", "pass")
