"""Whether a link still holds is asked of the wall clock, which somebody may set back."""

from __future__ import annotations

from onvio_agent.verdict import link
from simulation.mutants.switches import rewritten, together

NAME = "valid-by-the-wall-clock"
WHY = "Whether a link still holds is asked of the wall clock, which somebody may set back."
SEED, HOURS = 4, 24.0

apply = together(
    rewritten(
        link._settle,
        "current.valid_until is not None and now.mono < current.valid_until",
        "current.checked_at is not None and (now.wall - current.checked_at).total_seconds() < 900",
    ),
    rewritten(link.LinkVerdict.is_valid, "and mono < self.valid_until", ""),
)
