"""Whatever comes to the landing is taken for the answer of this sign-in."""

from __future__ import annotations

from onvio_agent.onvio import oidc
from simulation.mutants.switches import rewritten

NAME = "stranger-believed"
WHY = "Whatever comes to the landing is taken for the answer of this sign-in."
SEED, HOURS = 6, 24.0

apply = rewritten(
    oidc.read_redirect,
    "not hmac.compare_digest(state.encode(), attempt.state.encode())",
    "not state",
)
