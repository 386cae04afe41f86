"""A 5xx of the token server is taken for a refusal."""

from __future__ import annotations

from onvio_agent.onvio import answers
from simulation.mutants.switches import rewritten

NAME = "outage-ends-link"
WHY = "A 5xx of the token server is taken for a refusal."
SEED, HOURS = 28, 24.0

apply = rewritten(
    answers.failure,
    "if response.status >= 500 and not",
    "if response.status >= 500 and request.form is not None:\n"
    "        return Denied('link.session_ended', error='', target=target)\n"
    "    if response.status >= 500 and not",
)
