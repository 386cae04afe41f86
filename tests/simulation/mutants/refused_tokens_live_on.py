"""The tokens of a sign-in that a rule then refuses are dropped, and stay good at ONVIO."""

from __future__ import annotations

from onvio_agent.actions import link
from simulation.mutants.switches import rewritten

NAME = "refused-tokens-live-on"
WHY = "The tokens of a sign-in that a rule then refuses are dropped, and stay good at ONVIO."
SEED, HOURS = 3, 24.0

apply = rewritten(link.link, "await discard(desk, user.id, tokens)", "pass")
