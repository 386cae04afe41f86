"""A link that was valid once stays valid for ever."""

from __future__ import annotations

from onvio_agent.verdict import link
from simulation.mutants.switches import rewritten

NAME = "link-never-expires"
WHY = "A link that was valid once stays valid for ever."
SEED, HOURS = 1, 24.0

apply = rewritten(link._succeed, "fact.sent_at + limits.link_valid_s", "fact.sent_at + 1e9")
