"""A wait that is over is kept again after the clock was set back."""

from __future__ import annotations

from onvio_agent.watch import promises
from simulation.mutants.switches import rewritten, together

NAME = "wait-kept-twice"
WHY = "A wait that is over is not forgotten, and kept again after the clock was set back."
SEED, HOURS = 2, 24.0

apply = together(
    rewritten(promises.Promises._drop_kept, "if end <= now.mono", "if False"),
    rewritten(
        promises.left_s,
        "gone_s = now.mono - retry.set_mono",
        "gone_s = min(now.mono - retry.set_mono, (now.wall - retry.set_at).total_seconds())",
    ),
)
