"""A pause lasts as long as a clock that was set back says."""

from __future__ import annotations

from onvio_agent.actions import intent
from onvio_agent.watch.expiry import ExpiryWatch
from simulation.mutants.switches import rewritten, together

NAME = "pause-stretched"
WHY = "A pause lasts as long as a clock that was set back says."
SEED, HOURS = 6, 24.0

apply = together(
    rewritten(
        ExpiryWatch._resume,
        " and now.mono < self._pause_ends:\n        self._look_at_pause(now.mono)",
        ":\n        self._timer.at(_PAUSE, now.mono + _LOOK_AGAIN_S, self._on_pause)",
    ),
    rewritten(intent.kept_intent, "set_at <= now", "True"),
)
